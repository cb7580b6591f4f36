/** What a check says. */

import type { CanonicalRow } from "./row.js"

/**
 * What is proven of the rows. "row": they are in the log; nothing about others. "call": they are all rows of the call.
 * "latest": no later row answers the query. "absence": no row answers it.
 */
export type Covers = "row" | "call" | "latest" | "absence"

/** By what: "map" trusts the signer's map of the rows, "scan" shows the newest leaves and trusts nothing but the checkpoint. */
export type Form = "map" | "scan"

/** A signed state of the log. */
export interface Checkpoint {
  /** The log's name. */
  origin: string
  /** How many leaves it has, in decimal. */
  size: string
  /** Its root hash in base64. */
  root: string
  /** The signed note that says so. */
  note: string
}

/** The stored bytes of the fields that are disclosed; what is withheld is not here. */
export interface CheckedFields {
  response?: Uint8Array
  request?: Uint8Array
  request_headers?: Uint8Array
  response_headers?: Uint8Array
  url?: Uint8Array
}

/** A row that is in the log, as are those of its fields that are disclosed. */
export interface CheckedRow {
  /** The leaf's index in the log, in decimal. */
  index: string
  /** The row's number among the log's rows, in decimal. */
  rowSeq: string
  /** The leaf's time in µs since 1970, in decimal. */
  timeUs: string
  row: CanonicalRow
  fields: CheckedFields
}

/** What a bundle proves, or why it proves nothing. */
export interface CheckResult {
  ok: boolean
  /** Null where nothing is proven. */
  covers: Covers | null
  /** Null where `covers` is null or "row". */
  form: Form | null
  /** In the order of the log; none where nothing is proven. */
  rows: CheckedRow[]
  /** Null where a known key's signature is not on it. */
  checkpoint: Checkpoint | null
  /**
   * Null if `ok`; else `<code>: <sentence>`. Codes: `malformed`, `missing`, `unknown_signer` and `incomplete` say nothing
   * about the rows; `invalid_signature` and `mismatch` are evidence that something was changed.
   */
  reason: string | null
}
