/** Checkpoints: the size and root of a log, signed (C2SP tlog-checkpoint). */

import { parseDecimal, parseHash } from "./encoding.js"
import { equal } from "./bytes.js"
import { mismatch } from "./failure.js"
import type { VerifierKey } from "./key.js"
import { noCheckpoint, openNote, unknownSigner } from "./note.js"
import type { Checkpoint } from "./result.js"
import { inclusionRoot, leafHash } from "./tree.js"

/** A checkpoint that a known key signed: everything proven is proven under one of these. */
export interface OpenedCheckpoint {
  size: bigint
  root: Uint8Array
  /** As the check hands it out. */
  text: Checkpoint
}

/** Reads a signed note; one of the known keys must be the log's own, named as the origin says. */
export async function openCheckpoint(note: string, known: readonly VerifierKey[]): Promise<OpenedCheckpoint> {
  const { text, signers } = await openNote(note, known)
  const checkpoint = parseCheckpoint(text, note)
  const { origin } = checkpoint.text
  if (!signers.some((key) => key.isLogKey && key.name === origin)) throw unknownSigner([origin])
  return checkpoint
}

/** Origin, decimal size, base64 root, a line each. Extension lines, which we never write, are allowed and left out. */
function parseCheckpoint(text: string, note: string): OpenedCheckpoint {
  const [origin = "", size = "", root = "", ...extensions] = text.slice(0, -1).split("\n")
  if (origin === "") throw noCheckpoint("no origin")
  const [parsedSize, parsedRoot] = [parseDecimal(size), parseHash(root)]
  if (parsedSize === null) throw noCheckpoint("no canonical decimal size")
  if (!parsedRoot) throw noCheckpoint("no root of 32 bytes in base64")
  if (extensions.includes("")) throw noCheckpoint("an empty extension line")
  return { size: parsedSize, root: parsedRoot, text: { origin, size, root, note } }
}

/** Throws unless these bytes, which `what` names, are the log's leaf at this index. */
export function checkLeaf(
  what: string,
  leaf: Uint8Array,
  index: bigint,
  proof: readonly Uint8Array[],
  { size, root }: OpenedCheckpoint,
): void {
  if (!equal(inclusionRoot(what, leafHash(leaf), index, size, proof), root)) throw mismatch(what)
}
