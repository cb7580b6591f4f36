/** The leaf that a `.tlog-proof` is about, which the proof itself does not say. */

import { createHash } from "node:crypto"
import { proofFile } from "../../engine/archive.js"
import type { CheckOptions } from "../check.js"
import { CommandError, UsageError } from "../error.js"
import { readInput } from "../input.js"

const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/
/** Where in a row's leaf the row's hash is. */
const HASH_AT = 81

/** Whether a text names a row of a store, and no file. */
export const isRowId = (text: string): boolean => ID.test(text)

/** The leaf given, or that of the row given; where both are, the leaf must be the row's. */
export async function leafFor({ dir, row, leaf }: CheckOptions, keys: readonly string[]): Promise<Uint8Array> {
  if (leaf !== undefined && (leaf === "" || !BASE64.test(leaf))) throw new UsageError("--leaf is no base64")
  const given = leaf === undefined ? null : Buffer.from(leaf, "base64")
  if (row === undefined) {
    if (!given) throw new UsageError("a .tlog-proof does not say what it is about: name it with --leaf or --row")
    return given
  }
  if (isRowId(row)) {
    const stored = await proofFile(dir, row.toLowerCase(), keys)
    return Buffer.from(stored.leaf, "base64")
  }
  if (!given) throw new UsageError("a row does not know its place in the log: give its --leaf too")
  if (!given.subarray(HASH_AT).equals(hashOf(await readInput(row), row))) {
    throw new CommandError("OTHER_ROW", `the leaf is not that of the row in ${row}`)
  }
  return given
}

/** SHA-256("vouchsafe/row" ‖ 0x00 ‖ the canonical row); of a row, sorted keys are all that RFC 8785 asks beyond JSON. */
function hashOf(text: string, file: string): Buffer {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch {
    row = null
  }
  if (typeof row !== "object" || row === null)
    throw new CommandError("FILE", `${file} holds no row: expected a canonical row's JSON`)
  const canonical = JSON.stringify(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
  return createHash("sha256").update(`vouchsafe/row\0${canonical}`).digest()
}
