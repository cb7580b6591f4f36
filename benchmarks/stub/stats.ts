import type { Endpoint } from "./log.js"
import type { Run } from "./preprocess.js"

/** What the stub counts. Requests are those since it began, or since `forget()`. */
export interface StubStats {
  requests: number
  endpoints: Partial<Record<Endpoint, number>>
  /** Requests that got 429. */
  limited: number
  /** Requests that came again before their Retry-After had passed. */
  early: number
  /** Requests that got 503 or a reset. */
  failed: number
  /** All preprocess runs ever. */
  preprocesses: Run[]
  /** All query records ever. */
  records: number
  /** Rows that a completed preprocess run covers. */
  covered: number
}
