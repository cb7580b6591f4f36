/** Points of Ed25519 as RFC 8032 encodes them: what makes one fit for a key or a signature. */

import { hex } from "./bytes.js"

const P = 2n ** 255n - 19n
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n
/** The y of points whose order divides eight; they verify signatures that nobody made. */
const ORDER_8_Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
const SMALL_ORDER_Y = new Set([0n, 1n, P - 1n, ORDER_8_Y, P - ORDER_8_Y])

/** The encoded y, whichever of its encodings this is. */
const yOf = (point: Uint8Array): bigint => BigInt.asUintN(255, BigInt(`0x${hex(point.toReversed())}`)) % P

/** Whether the point is of small order. */
export const isSmallOrder = (point: Uint8Array): boolean => SMALL_ORDER_Y.has(yOf(point))

/**
 * Whether there is a point with this y: x² = (y² − 1) / (Dy² + 1) has a root, and so has the product of the two. By
 * Euler's criterion its power to (P − 1) / 2 = 2²⁵⁴ − 10 is one, or it is zero.
 */
export function isOnCurve(point: Uint8Array): boolean {
  const y2 = yOf(point) ** 2n % P
  const square = ((y2 + P - 1n) * (D * y2 + 1n)) % P
  let power = square
  for (let doubling = 0; doubling < 254; doubling++) power = power * power % P
  return power === square ** 10n % P
}
