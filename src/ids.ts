import { randomFillSync } from "node:crypto"

const POOL_BYTES = 4096
const pool = new Uint8Array(POOL_BYTES)
let used = POOL_BYTES
let lastMs = 0
let counter = 0

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

function randomByte(): number {
  if (used === POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  return pool[used++]!
}

/**
 * A UUIDv7 (RFC 9562, 5.7): lower case, with hyphens. Ids that one thread makes sort in the order they were made
 * (method 1 of section 6.2: the 12 bits after the milliseconds count, from a random start).
 */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now
    counter = ((randomByte() << 8) | randomByte()) & 0x7ff
  } else if (++counter > 0xfff) {
    lastMs++
    counter = 0
  }
  const time = lastMs.toString(16).padStart(12, "0")
  let id = `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-`
  id += HEX[(randomByte() & 0x3f) | 0x80]! + HEX[randomByte()]! + "-"
  for (let i = 0; i < 6; i++) id += HEX[randomByte()]!
  return id
}
