/** What crosses to an engine: plain data, `T | null`, every default filled in by the façade. */

import type { Stats } from "../verdict.js"
import type { Sink } from "../recorder/sink.js"

/** What an engine is opened with; two opens of one folder in one process must agree. */
export interface EngineOptions {
  debounceMs: number
  maxConcurrency: number
  redact: { headers: string[]; query: string[]; paths: string[] }
  maxBodyBytes: number
  retentionDays: number
  retentionBytes: number
  origin: string | null
  keyFile: string | null
  /** A signed checkpoint that the log must extend; instances of one folder may pin different ones. */
  pin: string | null
  /** What commits rows and answers queries; this process itself where null. */
  backend: BackendOptions | null
  /** The Postgres database that rows go to and are committed from; the folder keeps and commits its own where null. */
  postgresUrl: string | null
}

/** A backend that is another process. */
export interface BackendOptions {
  url: string
  orgId: string
  /** With neither token nor key the token source is asked. */
  token: string | null
  apiKey: string | null
  project: string
  timeoutMs: number
}

/** Gives a bearer token, another one after one was refused. */
export type TokenSource = () => Promise<string>

/** A checkpoint that another must extend. */
export interface After {
  size: string
  root: string
  origin: string
}

/** What a payload is built with. */
export interface BuildOptions {
  agentId: string
  runId: string | null
  storeScope: boolean
  watchingSinceUs: number | null
  channels: string[]
  open: number[]
  timeoutMs: number
  maxConcurrency: number
  after: After | null
  disclose: "all" | "fields" | "none"
  prompt: string | null
  task: string | null
  answer: string | null
  includeApiKey: boolean
}

/** What a payload is evaluated with. */
export interface EvaluateOptions {
  /** Null: the engine's own key, where it signs. */
  verifierKeys: string[] | null
  allowBackendTrust: boolean
  timeoutMs: number
  expect: unknown
  claims: unknown
  agentId: string | null
  boundRun: string | null
  storeScope: boolean
  maxCheckpointAgeMs: number | null
  after: After | null
  bundles: boolean
}

/** Something that no call returns: `writeFailed`, `bodiesLetGo`, `dropped`, `damaged`, `storeUnavailable` or `notCommitted`. */
export interface EngineEvent {
  type: "writeFailed" | "bodiesLetGo" | "dropped" | "damaged" | "storeUnavailable" | "notCommitted"
  code: string
  message: string
}

/** Which engine runs, and why that one. */
export interface EngineInfo {
  engine: "native"
  version: string
  reason: string
  platform: string
}

/** A self-reported tool call. */
export interface ToolRecord {
  rowId: string
  runId: string
  agentId: string
  name: string
  callRef: string
  toolCallId: string | null
  error: string | null
  startedUs: number
  endedUs: number
  input: Uint8Array | null
  output: Uint8Array | null
}

/** One share in the engine of a folder. Payloads, claims and verdicts cross as JSON text. */
export interface Engine extends Sink {
  recordTool(tool: ToolRecord): void
  watch(channels: string[]): Promise<void>
  /** Waits until the log is open, or cannot be opened now. */
  opened(deadlineMs: number): Promise<void>
  flush(): Promise<void>
  commit(): Promise<string>
  /** Pins a signed checkpoint that the log must extend. */
  pin(note: string): Promise<void>
  build(claims: string, options: BuildOptions, signal: AbortSignal | null): Promise<string>
  evaluate(payload: string, options: EvaluateOptions, signal: AbortSignal | null): Promise<string>
  verify(claims: string, build: BuildOptions, evaluate: EvaluateOptions, signal: AbortSignal | null): Promise<string>
  stats(): Omit<Stats, "recordErrors">
  verifierKey(): string
  close(deadlineMs: number): Promise<boolean>
  flushSync(deadlineMs: number): boolean
  closeSync(deadlineMs: number): boolean
}

type OnEvent = (event: EngineEvent) => void

/** Loads and opens engines. */
export interface EngineModule {
  info(): EngineInfo
  /** The run of a folder in this process. */
  runOf(dir: string): string
  open(dir: string, options: EngineOptions, onEvent: OnEvent, token: TokenSource | null): Promise<Engine>
  /** The same, on this thread, for exit handlers. */
  openSync(dir: string, options: EngineOptions, onEvent: OnEvent, token: TokenSource | null): Engine
  evaluateOffline(payload: string, options: EvaluateOptions): Promise<string>
}
