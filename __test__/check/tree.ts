/** The log's tree and its map, straight from their definitions and by no code of the library. */

import { createHash } from "node:crypto"

export const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash("sha256").update(Buffer.concat(parts)).digest()

export function u64be(number: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(number))
  return bytes
}

const byte = (number: number): Buffer => Buffer.from([number])

/** The size of the left subtree: the largest power of two below `size`. */
const split = (size: number): number => 2 ** Math.ceil(Math.log2(size) - 1)

/** RFC 6962 §2.1: the root over these leaves. */
export function rootOf(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return sha256(byte(0), leaves[0]!)
  const middle = split(leaves.length)
  return sha256(byte(1), rootOf(leaves.slice(0, middle)), rootOf(leaves.slice(middle)))
}

/** RFC 6962 §2.1.1: the audit path of a leaf, its sibling first. */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): Buffer[] {
  if (leaves.length <= 1) return []
  const middle = split(leaves.length)
  const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)]
  return index < middle
    ? [...inclusionProof(left, index), rootOf(right)]
    : [...inclusionProof(right, index - middle), rootOf(left)]
}

/** The roots of the complete subtrees of a tree of these leaves, largest first. */
export function frontierOf(leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 0) return []
  const largest = 2 ** Math.floor(Math.log2(leaves.length))
  return [rootOf(leaves.slice(0, largest)), ...frontierOf(leaves.slice(largest))]
}

/** `tag(name, parts…)` of the row leaf and of the map's keys. */
export function tag(name: string, ...parts: readonly string[]): Buffer {
  const pieces = parts.flatMap((part) => {
    const text = Buffer.from(part)
    return [byte(text.length >> 8), byte(text.length & 0xff), text]
  })
  return sha256(Buffer.from(`vouchsafe/tag/${name}\0`), ...pieces)
}

/** What a map proof says; the values are raw. */
export interface MapProof {
  value: Buffer | null
  path: [bit: number, sibling: Buffer][]
  other?: { k: Buffer; v: Buffer }
}

type Entry = readonly [key: Buffer, value: Buffer]

/** A map from keys of 32 bytes, given in hex, to values. */
export class KeyMap {
  readonly #entries: Entry[]

  constructor(values: ReadonlyMap<string, Buffer>) {
    const entries = [...values].map(([key, value]): Entry => [Buffer.from(key, "hex"), value])
    this.#entries = entries.toSorted(([left], [right]) => left.compare(right))
  }

  root(): Buffer {
    return this.#entries.length === 0 ? sha256() : hashOf(this.#entries)
  }

  prove(key: Buffer): MapProof {
    const path: [number, Buffer][] = []
    let entries = this.#entries
    if (entries.length === 0) return { value: null, path }
    while (entries.length > 1) {
      const { bit, left, right } = parted(entries)
      const side = bitOf(key, bit)
      path.unshift([bit, hashOf(side ? left : right)])
      entries = side ? right : left
    }
    const [k, v] = entries[0]!
    return k.equals(key) ? { value: v, path } : { value: null, path, other: { k, v } }
  }
}

const bitOf = (key: Uint8Array, index: number): number => (key[index >> 3]! >> (7 - (index % 8))) & 1

const short = (bytes: Uint8Array): Buffer => Buffer.concat([byte(bytes.length), bytes])

/** Two sides of sorted entries, and the first bit in which they differ. */
function parted(entries: Entry[]): { bit: number; left: Entry[]; right: Entry[] } {
  const [first, last] = [entries[0]![0], entries.at(-1)![0]]
  let bit = 0
  while (bitOf(first, bit) === bitOf(last, bit)) bit++
  const middle = entries.findIndex(([key]) => bitOf(key, bit) === 1)
  return { bit, left: entries.slice(0, middle), right: entries.slice(middle) }
}

function hashOf(entries: Entry[]): Buffer {
  if (entries.length === 1) return sha256(byte(0), short(entries[0]![0]), short(entries[0]![1]))
  const { bit, left, right } = parted(entries)
  const label = bit < 0x80 ? byte(bit) : Buffer.from([bit, 1])
  return sha256(byte(1), label, hashOf(left), hashOf(right))
}
