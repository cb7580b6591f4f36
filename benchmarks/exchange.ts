/** The exchange that bursts are made of: a body of 2 KB and 20 headers. */

import type { Engine } from "../src/engine/engine.js"
import { nowUs } from "../src/recorder/clock.js"
import { fromRaw } from "../src/recorder/headers.js"

const ITEMS = Array.from({ length: 45 }, (_, n) => ({ id: n, name: `item ${n}`, price: n * 1.5 }))
const BODY = Buffer.from(JSON.stringify({ items: ITEMS }).padEnd(2048))
const headers = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => [`X-Header-Number-${n}`, `value of header number ${n}`]).flat()
const REQUEST = ["Accept", "application/json", ...headers(5)]
const RESPONSE = ["Content-Type", "application/json", ...headers(13)]

/** Makes ready what the taps have at hand when an exchange ends; what is returned records it, in one call. */
export function exchange(engine: Engine, n: number): () => void {
  const url = `https://api.example.com/v1/items?page=${n}`
  const request = fromRaw(REQUEST)
  const response = fromRaw(RESPONSE)
  const now = nowUs()
  return () =>
    engine.record(
      0, null, "run", "_default", "items", null, null, null,
      "GET", url, 200, "1.1", 0, null, false, now - 900, now - 100, now,
      request, response,
      null, 0, null, [BODY], BODY.length, null,
    )
}
