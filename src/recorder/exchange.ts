import { Body } from "./body.js"
import { nowUs } from "./clock.js"
import { activeContext, DEFAULT_AGENT, type InterceptorContext } from "./context.js"
import { failed } from "./failures.js"
import type { Settings } from "./install.js"
import { asksModel, isModelUrl, mayBeModel } from "./model.js"
import { COMPLETE, describe, type Outcome } from "./outcome.js"
import { awaitNext, awaitRetry, takeParent } from "./redirects.js"
import { matchesAny } from "./refuse/endpoint.js"
import { shared } from "./shared.js"
import type { Sink } from "./sink.js"

/** One exchange from its request to its end, when it goes to the sink in one call. */
export class Exchange {
  id: string | null = null
  readonly parent: string | null
  readonly agentId: string
  readonly runId: string | null
  kind: 0 | 1
  status = 0
  httpVersion: string | null = null
  request: Body | null = null
  /** Null until the response's headers, and again if its bytes could not be seen. */
  response: Body | null = null
  ended = false
  private readonly startedUs = nowUs()
  private firstByteUs = 0
  private ending: { promise: Promise<void>; resolve: () => void } | null = null

  constructor(
    private readonly settings: Settings,
    readonly context: InterceptorContext,
    readonly uncertain: boolean,
    readonly method: string,
    public url: string,
  ) {
    const defaults = settings.defaults()
    this.agentId = context.agentId ?? defaults.agentId ?? DEFAULT_AGENT
    this.runId = context.runId ?? defaults.runId
    this.parent = takeParent(context, method, url)
    this.kind = isModelUrl(url, settings.modelEndpoints) ? 1 : 0
    shared.open.add(this)
  }

  /** Fulfilled when the exchange has gone to the sink. */
  get done(): Promise<void> {
    if (this.ended) return Promise.resolve()
    this.ending ??= pending()
    return this.ending.promise
  }

  sent(chunk: unknown, encoding?: BufferEncoding): void {
    this.request ??= new Body(this.limit())
    if (typeof chunk === "string") this.request.add(Buffer.from(chunk, encoding))
    else if (chunk instanceof Uint8Array) this.request.add(chunk)
  }

  /** The response's head has come; an informational one is overwritten by the next. */
  answered(status: number, location: string | null): void {
    this.status = status
    this.firstByteUs = nowUs()
    this.response = new Body(this.limit())
    awaitNext(this, status, location)
  }

  finish(outcome: Outcome, error: unknown, requestHeaders: string | null, responseHeaders: string | null): void {
    if (this.ended) return
    this.ended = true
    shared.open.delete(this)
    try {
      const sink = shared.active?.sink
      if (sink) this.hand(sink, outcome, error, requestHeaders, responseHeaders)
    } catch (failure) {
      failed("sink", failure)
    }
    this.ending?.resolve()
  }

  private hand(sink: Sink, outcome: Outcome, error: unknown, requestHeaders: string | null, responseHeaders: string | null): void {
    if (outcome !== COMPLETE) awaitRetry(this)
    if (this.kind === 0 && mayBeModel(this.method, this.url) && asksModel(this.request)) this.kind = 1
    const request = this.kept(this.request)
    const response = this.kept(this.response)
    sink.record(
      this.kind,
      this.id,
      this.runId,
      this.agentId,
      this.context.actionName,
      this.context.callRef,
      this.context.toolCallId,
      this.parent,
      this.method,
      this.url,
      this.status,
      this.httpVersion,
      outcome,
      outcome === COMPLETE ? null : describe(error),
      this.uncertain,
      this.startedUs,
      this.firstByteUs,
      nowUs(),
      requestHeaders,
      responseHeaders,
      request === null ? null : request.chunks,
      request === null ? 0 : request.length,
      request === null ? null : request.digest(),
      response === null ? null : response.chunks,
      response === null ? 0 : response.length,
      response === null ? null : response.digest(),
    )
  }

  private kept(body: Body | null): Body | null {
    if (body === null || !body.intact()) return null
    if (this.kind === 1 && !this.settings.modelBodies) body.drop()
    return body
  }

  private limit(): number {
    return this.kind === 1 && !this.settings.modelBodies ? 0 : this.settings.maxBodyBytes
  }
}

/** Begins an exchange, unless nothing is installed, it is our own traffic, or the settings leave it out. */
export function begin(method: string, url: string, context = activeContext(), uncertain = false): Exchange | null {
  const settings = shared.active
  if (settings === null || context.unrecorded) return null
  if (settings.include !== null && !matchesAny(settings.include, url)) return null
  if (settings.exclude.length > 0 && matchesAny(settings.exclude, url)) return null
  return new Exchange(settings, context, uncertain, method, url)
}

function pending(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}
