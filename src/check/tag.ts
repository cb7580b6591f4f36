/** Tags: fixed-size names of what a row answers to, in a leaf and as a key of the map. */

import { utf8 } from "./bytes.js"
import { sha256 } from "./crypto.js"

/** The longest part that a tag can carry, in bytes of UTF-8: its length is a u16. */
export const MAX_PART_BYTES = 0xffff

/**
 * SHA-256("vouchsafe/tag/" ‖ name ‖ 0x00 ‖ for each part: u16be length ‖ UTF-8). The length of a part that is too long,
 * which no row holds, is written as 65,535.
 */
export function tag(name: string, ...parts: readonly string[]): Uint8Array {
  const pieces = [utf8(`vouchsafe/tag/${name}\0`)]
  for (const part of parts) {
    const bytes = utf8(part)
    const length = Math.min(bytes.length, MAX_PART_BYTES)
    pieces.push(Uint8Array.of(length >> 8, length & 0xff), bytes)
  }
  return sha256(...pieces)
}
