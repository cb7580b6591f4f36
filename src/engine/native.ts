/** The native engine: the generated binding behind the engine's interface. */

import { createRequire } from "node:module"
import type * as Binding from "#binding"
import { EngineUnavailableError, errorFrom, type EngineFailure } from "../errors.js"
import { stringify } from "../json.js"
import type { Engine, EngineEvent, EngineInfo, EngineModule } from "./engine.js"
import { version } from "../version.js"

type Native = typeof Binding

let loaded: Native | null = null

/** Loads the binding once; a failure names its real cause, however deep it is. */
export function binding(): Native {
  if (loaded) return loaded
  try {
    // A require, because catching a missing binding of an ESM import would need top-level await.
    loaded = createRequire(import.meta.url)("#binding") as Native
    return loaded
  } catch (error) {
    const reasons: string[] = []
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) reasons.push(cause.message)
    const platform = `${process.platform}-${process.arch}`
    const message = `the native engine could not be loaded on ${platform}: ${reasons.join(" ← ")}`
    throw new EngineUnavailableError(message, { cause: error })
  }
}

/** The value, or the error that stands in its place. */
export function value<T>(answer: T): Exclude<T, Binding.BindingError> {
  if (typeof answer === "object" && answer !== null && "code" in answer) throw errorFrom(answer as unknown as EngineFailure)
  return answer as Exclude<T, Binding.BindingError>
}

let calls = 0

/** Runs an abortable call; an abort ends it in the engine and rejects with the signal's reason. */
async function abortable(
  engine: Binding.BindingEngine,
  signal: AbortSignal | null,
  run: (call: number) => Promise<string | Binding.BindingError>,
): Promise<string> {
  signal?.throwIfAborted()
  const call = (calls = (calls + 1) >>> 0)
  let abort = (): void => {}
  // The caller does not wait for the engine to notice.
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      engine.abort(call)
      reject(signal?.reason)
    }
  })
  signal?.addEventListener("abort", abort, { once: true })
  try {
    return value(await Promise.race([run(call), aborted]))
  } finally {
    signal?.removeEventListener("abort", abort)
  }
}

class NativeEngine implements Engine {
  readonly #binding: Binding.BindingEngine
  readonly #modelBodies: boolean

  constructor(opened: Binding.BindingEngine, modelBodies: boolean) {
    this.#binding = opened
    this.#modelBodies = modelBodies
  }

  record: Engine["record"] = (
    kind,
    id,
    runId,
    agentId,
    actionName,
    callRef,
    toolCallId,
    parent,
    method,
    url,
    status,
    httpVersion,
    outcome,
    error,
    uncertain,
    startedUs,
    firstByteUs,
    endedUs,
    requestHeaders,
    responseHeaders,
    request,
    requestLength,
    requestHash,
    response,
    responseLength,
    responseHash,
  ) => {
    this.#binding.record(
      kind,
      id,
      runId,
      agentId,
      actionName,
      callRef,
      toolCallId,
      parent,
      method,
      url,
      status,
      httpVersion,
      outcome,
      error,
      uncertain,
      startedUs,
      firstByteUs,
      endedUs,
      requestHeaders,
      responseHeaders,
      request,
      requestLength,
      requestHash,
      response,
      responseLength,
      responseHash,
      kind === 0 || this.#modelBodies,
    )
  }

  recordTool: Engine["recordTool"] = (tool) => {
    this.#binding.record(
      2,
      tool.rowId,
      tool.runId,
      tool.agentId,
      tool.name,
      tool.callRef,
      tool.toolCallId,
      null,
      null,
      null,
      0,
      null,
      tool.error === null ? 0 : 2,
      tool.error,
      false,
      tool.startedUs,
      0,
      tool.endedUs,
      null,
      null,
      tool.input && [tool.input],
      tool.input?.length ?? 0,
      null,
      tool.output && [tool.output],
      tool.output?.length ?? 0,
      null,
      true,
    )
  }

  async watch(channels: string[]): Promise<void> {
    value(await this.#binding.watch(channels))
  }

  opened = (deadlineMs: number): Promise<void> => this.#binding.opened(deadlineMs)

  async flush(): Promise<void> {
    value(await this.#binding.flush())
  }

  async commit(): Promise<string> {
    return value(await this.#binding.commit())
  }

  async pin(note: string): Promise<void> {
    value(await this.#binding.pin(note))
  }

  build: Engine["build"] = (claims, options, signal) =>
    abortable(this.#binding, signal, (call) => this.#binding.build(call, claims, JSON.stringify(options)))

  evaluate: Engine["evaluate"] = (payload, options, signal) =>
    abortable(this.#binding, signal, (call) => this.#binding.evaluate(call, payload, stringify(options)))

  verify: Engine["verify"] = (claims, build, evaluate, signal) =>
    abortable(this.#binding, signal, (call) =>
      this.#binding.verify(call, claims, JSON.stringify(build), stringify(evaluate)),
    )

  stats: Engine["stats"] = () => JSON.parse(this.#binding.stats()) as ReturnType<Engine["stats"]>

  verifierKey = (): string => value(this.#binding.vkey())

  close = (deadlineMs: number): Promise<boolean> => this.#binding.close(deadlineMs)

  flushSync = (deadlineMs: number): boolean => this.#binding.flushSync(deadlineMs)

  closeSync = (deadlineMs: number): boolean => this.#binding.closeSync(deadlineMs)
}

const listener =
  (onEvent: (event: EngineEvent) => void) =>
  (event: string): void =>
    onEvent(JSON.parse(event) as EngineEvent)

/** The native engine's module. */
export function nativeModule(modelBodies: boolean): EngineModule {
  return {
    info: (): EngineInfo => {
      binding()
      return { engine: "native", version, reason: "the default", platform: `${process.platform}-${process.arch}` }
    },
    runOf: (dir) => binding().runOf(dir),
    open: async (dir, options, onEvent, token) => {
      const opened = await binding().openEngine(dir, JSON.stringify(options), listener(onEvent), token)
      return new NativeEngine(value(opened), modelBodies)
    },
    openSync: (dir, options, onEvent, token) => {
      const opened = binding().openEngineSync(dir, JSON.stringify(options), listener(onEvent), token)
      return new NativeEngine(value(opened), modelBodies)
    },
    evaluateOffline: async (payload, options) => value(await binding().evaluateOffline(payload, stringify(options))),
  }
}
