/** Proof files (`c2sp.org/tlog-proof@v1`): that one leaf is in the log, in a file of its own. */

import { checkLeaf, openCheckpoint } from "./checkpoint.js"
import { loadCrypto } from "./crypto.js"
import { parseBase64, parseDecimal, parseHash } from "./encoding.js"
import { malformed, reasonOf } from "./failure.js"
import { parseKeys } from "./key.js"
import type { Checkpoint } from "./result.js"

const HEADER = "c2sp.org/tlog-proof@v1"

/** What a proof file proves, or why it proves nothing. */
export interface ProofFileResult {
  ok: boolean
  /** Where in the log the leaf stands, in decimal; null where that is not proven. */
  index: string | null
  /** Null where a known key's signature is not on it. */
  checkpoint: Checkpoint | null
  /** Null if `ok`; else `<code>: <sentence>`, with the codes of a bundle's check. */
  reason: string | null
}

/**
 * Checks that a leaf of the log is where a `.tlog-proof` file says, under a checkpoint that a known key signed.
 *
 * @param leaf The leaf's bytes, not their hash.
 * @param vkeys As for `checkProof`.
 * @returns `ok: false` with a reason for whatever is wrong with the file; it never throws for that.
 */
export async function checkProofFile(text: string, leaf: Uint8Array, vkeys: string | string[]): Promise<ProofFileResult> {
  await loadCrypto()
  const known = parseKeys(vkeys)
  const result: ProofFileResult = { ok: false, index: null, checkpoint: null, reason: null }
  try {
    const { index, proof, note } = parseProofFile(text)
    const checkpoint = await openCheckpoint(note, known)
    result.checkpoint = checkpoint.text
    checkLeaf("the leaf", leaf, index, proof, checkpoint)
    return { ...result, ok: true, index: index.toString() }
  } catch (error) {
    return { ...result, reason: reasonOf(error) }
  }
}

/** A line `extra <base64>`, which we never write, is allowed and left out. */
function parseProofFile(text: string): { index: bigint; proof: Uint8Array[]; note: string } {
  const end = text.indexOf("\n\n")
  const [header, ...lines] = text.slice(0, Math.max(end, 0)).split("\n")
  const extra = lines[0]?.startsWith("extra ") ? parseBase64(lines.shift()!.slice("extra ".length)) : true
  const place = lines.shift() ?? ""
  const index = place.startsWith("index ") ? parseDecimal(place.slice("index ".length)) : null
  const proof = lines.map(parseHash)
  const isWhole = (hashes: (Uint8Array | null)[]): hashes is Uint8Array[] => !hashes.includes(null)
  if (header !== HEADER || !extra || index === null || !isWhole(proof)) throw malformed("not a tlog-proof file")
  return { index, proof, note: text.slice(end + 2) }
}
