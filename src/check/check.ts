/** What a bundle proves, checked offline: only the checkpoint's signer is believed. */

import { hex } from "./bytes.js"
import { type Bundle, type BundleRow, parseBundle, type SealProof, textOf } from "./bundle.js"
import { checkLeaf, openCheckpoint, type OpenedCheckpoint } from "./checkpoint.js"
import { completeness, type Completeness } from "./complete.js"
import { hmacSha256, loadCrypto } from "./crypto.js"
import { Failure, malformed, mismatch, reasonOf } from "./failure.js"
import { parseKeys, type VerifierKey } from "./key.js"
import { isSeal, mapRoot, rowLeaf } from "./leaf.js"
import { decodeValue, verifyAnswer } from "./map.js"
import { mapKey, selects } from "./query.js"
import type { CheckedFields, CheckedRow, CheckResult } from "./result.js"
import { checkScan } from "./scan.js"

/**
 * Checks a bundle that stands alone, as `verify(…, { bundles: true })` gives it: what it proves, without asking anybody.
 *
 * Give it the JSON text as you received it: of an object only what JSON.stringify makes of it is checked, and whoever
 * parsed the text has dropped duplicate keys unseen.
 *
 * @param vkeys The keys that are trusted to sign, as `<name>+<8 hex>+<base64>`; a TypeError where one is none of these.
 * @returns `ok: false` with a reason for whatever is wrong with the bundle; it never throws for that. In a browser it
 * rejects where WebCrypto has no Ed25519.
 */
export async function checkProof(bundle: string | object, vkeys: string | string[]): Promise<CheckResult> {
  await loadCrypto()
  const known = parseKeys(vkeys)
  const result: CheckResult = { ok: false, covers: null, form: null, rows: [], checkpoint: null, reason: null }
  try {
    const read = parseBundle(textOf(bundle))
    const { checkpoint, seal } = await opened(read, known)
    result.checkpoint = checkpoint.text
    const { covers, form } = check(read, checkpoint, seal)
    return { ...result, ok: true, covers, form, rows: read.rows.map(checkedRow) }
  } catch (error) {
    return { ...result, reason: reasonOf(error) }
  }
}

async function opened(
  bundle: Bundle,
  known: readonly VerifierKey[],
): Promise<{ checkpoint: OpenedCheckpoint; seal: SealProof }> {
  const { checkpoint, seal } = bundle
  if (checkpoint === undefined) throw new Failure("missing", "the proof has no checkpoint")
  if (!seal) throw new Failure("missing", "the proof has no seal")
  return { checkpoint: await openCheckpoint(checkpoint, known), seal }
}

/** Throws unless everything in the bundle matches the log that was signed; what that proves. */
function check(bundle: Bundle, checkpoint: OpenedCheckpoint, seal: SealProof): Completeness {
  const { query, rows, map, scan } = bundle
  checkSeal(seal, checkpoint)
  if (rows.some(({ index }, at) => at > 0 && index <= rows[at - 1]!.index)) {
    throw malformed("the rows are not in the order of the log")
  }
  for (const row of rows) checkRow(row, checkpoint)
  if (map && scan) throw malformed("both a map's answer and a scan")
  if (map) {
    const key = mapKey(query)
    if (!key) throw malformed("a map's answer to a query by row id")
    verifyAnswer(map, mapRoot(seal.leaf), key)
    if (map.value) decodeValue(map.value)
  }
  if (scan) checkScan(scan, query, checkpoint)
  // Not before: a changed row may be selected no more, and then the change is what has to be said.
  const stranger = rows.find(({ row }) => !selects(query, row))
  if (stranger) throw malformed(`row ${stranger.row.id} is no answer to the query`)
  return completeness(bundle, checkpoint.size)
}

function checkSeal({ index, leaf, proof }: SealProof, checkpoint: OpenedCheckpoint): void {
  if (index + 1n !== checkpoint.size) throw malformed(`the seal at ${index} is not the last leaf`)
  if (!isSeal(leaf)) throw malformed(`${leaf.length} bytes are no seal leaf`)
  checkLeaf("the seal", leaf, index, proof, checkpoint)
}

/** The leaf's hash is made from the row here, and never taken from the proof. */
function checkRow({ index, row_seq, time_us, row, fields, proof }: BundleRow, checkpoint: OpenedCheckpoint): void {
  checkLeaf(`row ${row.id}`, rowLeaf(row, row_seq, time_us), index, proof, checkpoint)
  for (const field of Object.keys(fields) as (keyof CheckedFields)[]) {
    const { key, bytes } = fields[field]!
    if (row[`c_${field}`] !== hex(hmacSha256(key, bytes))) throw mismatch(`the ${field} of row ${row.id}`)
  }
}

function checkedRow({ index, row_seq, time_us, row, fields }: BundleRow): CheckedRow {
  const bytes = Object.entries(fields).map(([field, disclosed]) => [field, disclosed.bytes])
  return {
    index: index.toString(),
    rowSeq: row_seq.toString(),
    timeUs: time_us.toString(),
    row,
    fields: Object.fromEntries(bytes) as CheckedFields,
  }
}
