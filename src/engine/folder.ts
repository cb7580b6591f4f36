/** A folder looked at from outside, without an engine: what the command line shows of it. Only `pruneStore` writes. */

import type { Outcome, Reason } from "../verdict.js"
import { binding, value } from "./native.js"

/** A trace in a list; times are µs since 1970. */
export interface ListedTrace {
  id: string
  runId: string | null
  task: string | null
  answer: string | null
  outcome: Outcome
  createdUs: number
  claims: number
  caught: number
}

/** A trace with its claims. */
export interface ShownTrace extends Omit<ListedTrace, "claims" | "caught"> {
  claims: ShownClaim[]
}

/** A claim, what came of it, and what it looks at. */
export interface ShownClaim {
  position: number
  rowId: string | null
  queryId: string | null
  claim: { text?: string; part?: string } | null
  outcome: Outcome
  reason: Reason
  /** The verdict's sentence. */
  details: string
  path: string | null
  /** JSON text, so that every number keeps its digits. */
  claimed: string | null
  /** JSON text of what the exchange has there now; null where it has nothing, or its body was let go. */
  actual: string | null
  /** The lines around the place that the claim looks at, of as many as `lines` says. */
  excerpt: { number: number; text: string; marked: boolean }[]
  lines: number
  exchange: ShownExchange | null
}

/** A row under the names of its columns, and its fields as text. */
export interface ShownExchange {
  id: string
  kind: string
  source: string
  run_id: string | null
  agent_id: string
  action_name: string
  call_ref: string | null
  tool_call_id: string | null
  method: string | null
  status: number | null
  http_version: string | null
  outcome: string | null
  error: string | null
  truncated: boolean
  redacted: string[]
  started_us: string
  ended_us: string
  body_length: string | null
  rowSeq: string
  url: string | null
  requestHeaders: string | null
  responseHeaders: string | null
  request: string | null
  response: string | null
}

/** Facts about a store; times are µs since 1970. */
export interface StoreFacts {
  format: string | null
  knownFormat: string
  /** What SQLite's quick check finds wrong. */
  complaints: string[]
  holders: { pid: number; engine: string; mode: string; alive: boolean }[]
  databaseBytes: number
  usedBytes: number
  walBytes: number
  rows: number
  wholeRows: number
  newestRowUs: number | null
  newestSealUs: number | null
  checkpoint: { size: string; root: string; note: string } | null
  coverage: { sinceUs: number; untilUs: number; channels: string[] } | null
  /** Stretches in which exchanges were dropped. */
  gaps: number
  /** How many rows were copied to Postgres and are committed there; null where the folder commits its own. */
  shippedRows: number | null
}

/** What of a signing key may be shown. */
export interface KeyFacts {
  origin: string
  vkey: string
  /** Whether it signed the store's newest checkpoint; null where there is none. */
  fits: boolean | null
  /** How many leaves the log has. */
  size: string | null
  /** Whether new rows are committed to another log, in Postgres, which this key does not sign. */
  elsewhere: boolean
}

/** What pruning let go. */
export interface Pruned {
  rows: number
  bytesBefore: number
  bytesAfter: number
}

/** The newest traces, of one outcome where given, newest first. */
export const listTraces = async (dir: string, limit: number, outcome: Outcome | null): Promise<ListedTrace[]> =>
  JSON.parse(value(await binding().listTraces(dir, limit, outcome))) as ListedTrace[]

/** The one trace whose id begins with `id`; `TRACE_NOT_FOUND` where there is none, or several. */
export const showTrace = async (dir: string, id: string): Promise<ShownTrace> =>
  JSON.parse(value(await binding().showTrace(dir, id))) as ShownTrace

/** Facts about a folder's store. */
export const inspectStore = async (dir: string): Promise<StoreFacts> =>
  JSON.parse(value(await binding().inspectStore(dir))) as StoreFacts

/** Deletes bodies and row keys beyond the limits; rows, leaves and proofs stay. */
export const pruneStore = async (dir: string, days: number, maxBytes: number): Promise<Pruned> =>
  JSON.parse(value(await binding().pruneStore(dir, days, maxBytes))) as Pruned

/** The signing key of a folder, from `keyFile` where it is kept elsewhere. */
export const readKey = async (dir: string, keyFile: string | null): Promise<KeyFacts> =>
  JSON.parse(value(await binding().readKey(dir, keyFile))) as KeyFacts

/** The name in a vkey; `KEY_UNUSABLE` where the text is none. */
export const readVkey = async (vkey: string): Promise<string> =>
  JSON.parse(value(await binding().readVkey(vkey))) as string
