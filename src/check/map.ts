/** The map from query keys to rows: a Merkle Patricia tree over keys of 32 bytes. */

import { concat, equal, readU64be } from "./bytes.js"
import { sha256 } from "./crypto.js"
import { malformed, mismatch } from "./failure.js"

/** What the map says of a key. */
export interface MapAnswer {
  /** The key's value; null claims that the key is absent. */
  value: Uint8Array | null
  /** From the leaf up: the bit at which two sides part, and the hash of the other side. The bits fall strictly. */
  path: readonly (readonly [bit: number, sibling: Uint8Array])[]
  /** For an absent key the leaf that its lookup reaches; none in an empty map. */
  other?: { k: Uint8Array; v: Uint8Array }
}

/** The rows that a key lists. */
export interface MapValue {
  count: bigint
  /** The leaf index of the last of them. */
  lastIndex: bigint
  /** Root of the log whose leaves are the rows' leaf indices. */
  root: Uint8Array
}

/** Throws unless the key has the value that the answer names under this root, or none if it names none. */
export function verifyAnswer(answer: MapAnswer, root: Uint8Array, key: Uint8Array): void {
  const { path } = answer
  if (path.some(([bit], at) => at > 0 && bit >= path[at - 1]![0])) throw malformed("the bits of the path do not fall")
  let hash = leafOf(answer, key)
  for (const [bit, sibling] of path) {
    hash = bitOf(key, bit) ? innerHash(bit, sibling, hash) : innerHash(bit, hash, sibling)
  }
  if (!equal(hash, root)) throw mismatch("the map's answer")
}

/** The hash of the leaf at which the path begins. */
function leafOf({ value, path, other }: MapAnswer, key: Uint8Array): Uint8Array {
  if (value && other) throw malformed("both a value and another leaf")
  if (value) return leafHash(key, value)
  if (!other) {
    if (path.length > 0) throw malformed("a path that begins at no leaf")
    return sha256()
  }
  if (equal(other.k, key)) throw malformed("the other leaf is the key's own")
  // Where they part before the path's last step, the lookup of the key would have gone elsewhere.
  if (path.some(([bit]) => bitOf(other.k, bit) !== bitOf(key, bit))) {
    throw malformed("the lookup does not reach the other leaf")
  }
  return leafHash(other.k, other.v)
}

/** `u64be count ‖ u64be last_index ‖ root`, of at least one row. */
export function decodeValue(bytes: Uint8Array): MapValue {
  const [count, lastIndex] = bytes.length === 48 ? [readU64be(bytes, 0), readU64be(bytes, 8)] : [0n, 0n]
  if (count === 0n) throw malformed("the map's value is not of its form")
  return { count, lastIndex, root: bytes.subarray(16) }
}

/** SHA-256(0x00 ‖ uvarint length of the key ‖ key ‖ uvarint length of the value ‖ value). */
const leafHash = (key: Uint8Array, value: Uint8Array): Uint8Array =>
  sha256(concat(Uint8Array.of(0), uvarint(key.length), key, uvarint(value.length), value))

/** SHA-256(0x01 ‖ uvarint bit ‖ left ‖ right). */
const innerHash = (bit: number, left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(Uint8Array.of(1), uvarint(bit), left, right)

/** The key's bit at this index, the most significant bit of its first byte being bit 0. */
const bitOf = (key: Uint8Array, index: number): number => (key[index >> 3]! >> (7 - (index & 7))) & 1

/** Seven bits a byte, the lowest first, the high bit set on all bytes but the last. */
function uvarint(number: number): Uint8Array {
  const bytes: number[] = []
  let rest = number
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.of(...bytes, rest)
}
