/** The Merkle tree: RFC 9162 over SHA-256. Its root does not bind its size: take both from a signed checkpoint. */

import { sha256 } from "./crypto.js"
import { malformed } from "./failure.js"

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** SHA-256(0x00 ‖ data). */
export const leafHash = (data: Uint8Array): Uint8Array => sha256(LEAF, data)

/** SHA-256(0x01 ‖ left ‖ right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(NODE, left, right)

/**
 * The root to which the proof leads from a leaf's hash at `index` of `size` leaves (RFC 9162 §2.1.3.2), the leaf's sibling
 * first; a failure where no proof of this position has so many hashes. `what` is being proven.
 */
export function inclusionRoot(
  what: string,
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  proof: readonly Uint8Array[],
): Uint8Array {
  if (index >= size) throw malformed(`${what}: the proof's position lies outside the tree`)
  let [node, last, hash] = [index, size - 1n, leaf]
  for (const sibling of proof) {
    if (last === 0n) throw wrongLength(what)
    if (node & 1n || node === last) {
      hash = nodeHash(sibling, hash)
      // Past the levels where the right-most node has no sibling and is taken over unchanged.
      while (node !== 0n && !(node & 1n)) {
        node >>= 1n
        last >>= 1n
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    node >>= 1n
    last >>= 1n
  }
  if (last !== 0n) throw wrongLength(what)
  return hash
}

const wrongLength = (what: string): Error => malformed(`${what}: the proof has the wrong number of hashes`)

/** How many complete subtrees a tree of `size` leaves is made of: the bits of its size that are set. */
export const subtrees = (size: bigint): number => size.toString(2).replaceAll("0", "").length

/** The root of a tree whose first `begin` leaves are these complete subtrees, largest first, and whose others are given. */
export function rootOf(begin: bigint, frontier: readonly Uint8Array[], leaves: readonly Uint8Array[]): Uint8Array {
  const nodes = [...frontier]
  let size = begin
  for (const leaf of leaves) {
    nodes.push(leafHash(leaf))
    for (let merges = size++; merges & 1n; merges >>= 1n) {
      const right = nodes.pop()!
      nodes.push(nodeHash(nodes.pop()!, right))
    }
  }
  return nodes.length === 0 ? sha256() : nodes.reduceRight((right, left) => nodeHash(left, right))
}
