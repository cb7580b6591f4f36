/** Tools that are no HTTP: what they say of themselves is recorded as kind `tool`. */

import { uuidv7 } from "./ids.js"
import type { ToolRecord } from "./engine/engine.js"
import type { currentContext } from "./recorder/context.js"

/** A tool call that its own program reports. */
export interface ToolReport {
  /** The tool's name: the action. */
  name: string
  /** The model's id of the call. */
  id?: string
  /** Any JSON; recorded as its JSON text. */
  input?: unknown
  /** Any JSON; recorded as its JSON text. */
  output?: unknown
  /** When it began; a Date or ms since 1970. Default: now. */
  startedAt?: Date | number
  /** When it ended; likewise. */
  endedAt?: Date | number
  /** Why it failed. */
  error?: string | Error
}

/** A report as the engine takes it. */
export function toolRecord(report: ToolReport, context: ReturnType<typeof currentContext>, runId: string): ToolRecord {
  const now = Date.now()
  const ended = ms(report.endedAt, now)
  const { error } = report
  return {
    rowId: uuidv7(),
    runId: context.runId ?? runId,
    agentId: context.agentId,
    name: report.name,
    callRef: context.callRef ?? uuidv7(),
    toolCallId: report.id ?? context.toolCallId,
    error: error === undefined ? null : error instanceof Error ? error.message : String(error),
    startedUs: ms(report.startedAt, ended) * 1000,
    endedUs: ended * 1000,
    input: text(report.input),
    output: text(report.output),
  }
}

function ms(time: Date | number | undefined, otherwise: number): number {
  const value = time instanceof Date ? time.getTime() : time
  return typeof value === "number" && value >= 0 ? value : otherwise
}

const encoder = new TextEncoder()

function text(value: unknown): Uint8Array | null {
  const json = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner))
  return json === undefined ? null : encoder.encode(json)
}
