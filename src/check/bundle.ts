/** Bundles: the proof of one query, as JSON. Reading is strict: unknown, duplicate and missing keys are refused. */

import { malformed } from "./failure.js"
import { readJson } from "./json.js"
import { query } from "./query.js"
import { row } from "./row.js"
import { bytes, decimal, hash, integer, list, nullable, object, one, type Reader, text } from "./shape.js"

/** Text beyond this, in UTF-16 code units, is not read. */
const MAX_TEXT = 64 * 1024 * 1024

const bit = integer(0xff)

const step: Reader<[bit: number, sibling: Uint8Array]> = (value, at) => {
  if (!Array.isArray(value) || value.length !== 2) throw malformed(`${at} is not a bit and a hash`)
  return [bit(value[0]!, at), hash(value[1]!, at)]
}

/** A field's stored bytes and the key under which the row commits to them. */
const disclosed = object({ bytes, key: hash })

const bundleRow = object({
  index: decimal,
  row_seq: decimal,
  time_us: decimal,
  row,
  // In the order in which they are checked.
  fields: object(
    {},
    { response: disclosed, request: disclosed, request_headers: disclosed, response_headers: disclosed, url: disclosed },
  ),
  proof: list(hash),
})

const bundle = object(
  { v: one, query, rows: list(bundleRow) },
  {
    checkpoint: text,
    seal: object({ index: decimal, leaf: bytes, proof: list(hash) }),
    map: object({ value: nullable(bytes), path: list(step) }, { other: object({ k: hash, v: bytes }) }),
    scan: object({ frontier: list(hash), leaves: list(bytes) }),
  },
)

/** The rows that answer a query, each with its proof, and what shows that they are all there is. */
export type Bundle = ReturnType<typeof bundle>

/** A row, the proof of its leaf, and those of its fields that are disclosed. */
export type BundleRow = Bundle["rows"][number]

/** The last leaf of a checkpoint's tree, and its proof. */
export type SealProof = NonNullable<Bundle["seal"]>

/** All leaves from one index to the end of the log, and the complete subtrees before them, largest first. */
export type Scan = NonNullable<Bundle["scan"]>

/** Reads a bundle's JSON text. */
export function parseBundle(json: string): Bundle {
  if (json.length > MAX_TEXT) throw malformed(`a text of more than ${MAX_TEXT} characters`)
  return bundle(readJson(json), "the bundle")
}

/** The JSON text of a bundle that was given as an object. */
export function textOf(bundle: string | object): string {
  if (typeof bundle === "string") return bundle
  let text: string | undefined
  try {
    text = JSON.stringify(bundle)
  } catch {
    // Cyclic, or with a bigint in it.
  }
  if (text === undefined) throw malformed("the bundle cannot be written as JSON")
  return text
}
