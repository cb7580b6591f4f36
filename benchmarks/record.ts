/** The one call that hands an exchange to the engine, on the thread that made the request. */

import { setTimeout as sleep } from "node:timers/promises"
import { exchange } from "./exchange.js"
import { type Benchmark, median, quantile } from "./harness.js"
import { openStore } from "./store.js"

const ROUNDS = 40
const CALLS = 1000
/** Exchanges that come one by one, with the engine's threads asleep between them. */
const SPARSE = 300
const PAUSE_MS = 5

/** In µs; without an await, which would cost a tenth of what is measured. */
function timed(call: () => void): number {
  const began = performance.now()
  call()
  return (performance.now() - began) * 1000
}

export const record: Benchmark = {
  name: "record",
  run: async () => {
    const store = await openStore()
    const samples: number[] = []
    let bodies = 0
    for (let round = 0; round <= ROUNDS; round++) {
      const calls = Array.from({ length: CALLS }, () => exchange(store.engine, bodies++))
      const p50 = median(calls.map(timed))
      if (round > 0) samples.push(p50)
      await store.engine.commit()
    }
    const sparse: number[] = []
    for (let call = 0; call < SPARSE; call++) {
      const one = exchange(store.engine, bodies++)
      await sleep(PAUSE_MS)
      sparse.push(timed(one))
    }
    await store.close()
    const detail = { fastest: quantile(samples, 0), slowest: quantile(samples, 1) }
    return [
      { name: "record(), 2 KB and 20 headers, p50", value: median(samples), unit: "µs", atMost: 3, detail },
      { name: "record(), one every 5 ms, p50", value: median(sparse), unit: "µs" },
    ]
  },
}
