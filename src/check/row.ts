/** The canonical row: what a leaf of the log commits to. */

import { utf8 } from "./bytes.js"
import { sha256 } from "./crypto.js"
import { parseDecimal } from "./encoding.js"
import { malformed } from "./failure.js"
import { integer, list, nullable, object, one, type Reader, text, textThat, truth, word } from "./shape.js"
import { MAX_PART_BYTES } from "./tag.js"

/**
 * A canonical row. Times are decimal strings, in µs since 1970; `body_length` is one in bytes; hashes are lower-case hex;
 * what is not known is null.
 */
export interface CanonicalRow {
  action_name: string
  agent_id: string
  /** Length of the response body on the wire. */
  body_length: string | null
  /** Commitments to the stored fields: HMAC-SHA256 under the field's key. */
  c_request: string | null
  c_request_headers: string | null
  c_response: string | null
  c_response_headers: string | null
  c_url: string | null
  /** Commitment to the SHA-256 of the response body's complete wire bytes. */
  c_wire: string | null
  call_ref: string | null
  /** Whether run, agent and call were known where the request was made. */
  context: "certain" | "uncertain" | null
  ended_us: string
  error: string | null
  first_byte_us: string | null
  http_version: string | null
  id: string
  kind: "http" | "model" | "tool" | "gap"
  method: string | null
  outcome: "complete" | "aborted" | "error" | null
  /** The row of which this one is a redirect or a retry. */
  parent: string | null
  /** The places where something was redacted, sorted. */
  redacted: string[]
  run_id: string | null
  schema: 1
  source: "tap" | "recordTool" | "postgres"
  started_us: string
  status: number | null
  tool_call_id: string | null
  /** Whether anything stored was cut, or could not be kept. */
  truncated: boolean
}

const decimalText = textThat("a canonical decimal below 2^64", (text) => parseDecimal(text) !== null)
const hexHash = nullable(textThat("64 lower-case hex digits", (text) => /^[\da-f]{64}$/.test(text)))
const uuid = textThat("a lower-case UUID", (text) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(text))
const part = textThat(`an id of at most ${MAX_PART_BYTES} bytes`, (text) => utf8(text).length <= MAX_PART_BYTES)

const ascending: Reader<string[]> = (value, at) => {
  const places = list(text)(value, at)
  if (!places.every((place, i) => i === 0 || isBefore(places[i - 1]!, place))) throw malformed(`${at} is not sorted`)
  return places
}

/** By code points, which is the order of their UTF-8 and not that of JavaScript's strings. */
function isBefore(left: string, right: string): boolean {
  const [a, b] = [utf8(left), utf8(right)]
  const at = a.findIndex((byte, i) => byte !== b[i])
  return at === -1 ? a.length < b.length : at < b.length && a[at]! < b[at]!
}

/**
 * Reads a row with exactly its keys, each value in its one spelling. What it reads has the keys in the order of RFC 8785,
 * in which they stand here.
 */
export const row: Reader<CanonicalRow> = object({
  action_name: text,
  agent_id: text,
  body_length: nullable(decimalText),
  c_request: hexHash,
  c_request_headers: hexHash,
  c_response: hexHash,
  c_response_headers: hexHash,
  c_url: hexHash,
  c_wire: hexHash,
  call_ref: nullable(uuid),
  context: nullable(word("certain", "uncertain")),
  ended_us: decimalText,
  error: nullable(text),
  first_byte_us: nullable(decimalText),
  http_version: nullable(text),
  id: uuid,
  kind: word("http", "model", "tool", "gap"),
  method: nullable(text),
  outcome: nullable(word("complete", "aborted", "error")),
  parent: nullable(uuid),
  redacted: ascending,
  run_id: nullable(part),
  schema: one,
  source: word("tap", "recordTool", "postgres"),
  started_us: decimalText,
  status: nullable(integer(0xffff)),
  tool_call_id: nullable(part),
  truncated: truth,
})

/** The RFC 8785 encoding of a row that {@link row} has read. */
export const canonical = (row: CanonicalRow): string => JSON.stringify(row)

/** SHA-256("vouchsafe/row" ‖ 0x00 ‖ canonical row). */
export const rowHash = (row: CanonicalRow): Uint8Array => sha256(utf8(`vouchsafe/row\0${canonical(row)}`))
