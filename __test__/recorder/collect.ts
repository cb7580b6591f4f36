import { EventEmitter, once } from "node:events"
import { installRecorder, type RecorderHandle, type RecorderOptions } from "../../src/recorder/install.js"
import type { Sink } from "../../src/recorder/sink.js"

/** A recorded exchange, its positions named and its bytes joined. */
export interface Row {
  kind: 0 | 1
  id: string | null
  runId: string | null
  agentId: string
  actionName: string | null
  callRef: string | null
  toolCallId: string | null
  parent: string | null
  method: string
  url: string
  status: number
  httpVersion: string | null
  outcome: 0 | 1 | 2
  error: string | null
  uncertain: boolean
  startedUs: number
  firstByteUs: number
  endedUs: number
  requestHeaders: string | null
  responseHeaders: string | null
  request: Buffer | null
  requestLength: number
  requestHash: Buffer | null
  response: Buffer | null
  responseLength: number
  responseHash: Buffer | null
}

export class Collected extends EventEmitter {
  readonly rows: Row[] = []
  /** What the recorder said of its own failures. */
  readonly failures: unknown[] = []

  readonly sink: Sink = {
    record: (
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
      this.rows.push({
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
        request: request && Buffer.concat(request),
        requestLength,
        requestHash: requestHash && Buffer.from(requestHash),
        response: response && Buffer.concat(response),
        responseLength,
        responseHash: responseHash && Buffer.from(responseHash),
      })
      this.emit("row")
    },
  }

  /** Waits until there are as many rows. */
  async until(count: number): Promise<Row[]> {
    while (this.rows.length < count) await once(this, "row")
    return this.rows
  }
}

export type Options = Partial<Omit<RecorderOptions, "sink">>

export function install(options: Options = {}): { collected: Collected; handle: RecorderHandle } {
  const collected = new Collected()
  const handle = installRecorder({
    sink: collected.sink,
    defaults: () => ({ agentId: null, runId: null }),
    onError: (where, error) => collected.failures.push({ where, error }),
    ...options,
  })
  return { collected, handle }
}

/** Runs with a recorder, takes it away again, and fails if the recorder itself did. */
export async function recorded<T>(
  run: (collected: Collected) => Promise<T>,
  options: Options = {},
): Promise<{ result: T; rows: Row[] }> {
  const { collected, handle } = install(options)
  try {
    const result = await run(collected)
    if (collected.failures.length > 0) throw new AggregateError(collected.failures, JSON.stringify(collected.failures))
    return { result, rows: collected.rows }
  } finally {
    handle.uninstall()
  }
}
