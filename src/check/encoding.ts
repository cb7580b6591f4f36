/** Text forms with one spelling for each value: base64 with canonical padding, and decimals without leading zeros. */

import { fromBase64 } from "./crypto.js"

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const MAX_U64 = 2n ** 64n - 1n

/** Null where the text is not the one spelling of any bytes. */
export function parseBase64(text: string): Uint8Array | null {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0
  const end = text.length - padding
  if (text.length % 4 !== 0 || /[^A-Za-z0-9+/]/.test(text.slice(0, end))) return null
  // Bits of the last character that no byte takes must be zero.
  const unused = ALPHABET.indexOf(text[end - 1] ?? "A") & [0, 0b11, 0b1111][padding]!
  return unused === 0 ? fromBase64(text) : null
}

/** 32 bytes in base64. */
export function parseHash(text: string): Uint8Array | null {
  const bytes = parseBase64(text)
  return bytes?.length === 32 ? bytes : null
}

/** A u64 in decimal. */
export function parseDecimal(text: string): bigint | null {
  if (!/^(?:0|[1-9]\d{0,19})$/.test(text)) return null
  const number = BigInt(text)
  return number <= MAX_U64 ? number : null
}
