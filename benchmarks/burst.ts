/** 20,000 exchanges at once until they are on disk. */

import { cargoExample } from "./cargo.js"
import { exchange } from "./exchange.js"
import { type Benchmark, median, times } from "./harness.js"
import { openStore } from "./store.js"

const EXCHANGES = 20_000
const ROUNDS = 7

/** Exchanges a second through the façade's sink, and what was lost. */
async function fromJs(): Promise<{ rate: number; record: number; dropped: number; losses: number }> {
  const store = await openStore()
  const calls = Array.from({ length: EXCHANGES }, (_, n) => exchange(store.engine, n))
  const began = performance.now()
  for (const call of calls) call()
  const recorded = performance.now()
  await store.vouchsafe.flush()
  const ended = performance.now()
  const { dropped } = store.vouchsafe.stats()
  const losses = store.losses()
  await store.close()
  return { rate: EXCHANGES / ((ended - began) / 1000), record: ((recorded - began) * 1000) / EXCHANGES, dropped, losses }
}

export const burst: Benchmark = {
  name: "burst",
  run: async () => {
    const { engine, raw, bare, losses } = await cargoExample("vouchsafe-engine", "burst", [EXCHANGES, ROUNDS])
    const js: Awaited<ReturnType<typeof fromJs>>[] = []
    for (let round = 0; round < ROUNDS; round++) js.push(await fromJs())
    const rates = js.map(({ rate }) => rate)
    const lost = js.reduce((sum, one) => sum + one.dropped + one.losses, Math.max(...losses!))
    const detail = { engine: median(engine!), raw: median(raw!) }
    return [
      {
        name: "burst: share of plain rusqlite's rate, same table",
        value: times(engine!, raw!),
        unit: "",
        atLeast: 0.7, detail,
      },
      {
        name: "burst: the same against a table without indexes",
        value: times(engine!, bare!),
        unit: "",
        detail: { bare: median(bare!) },
      },
      {
        name: "burst from JavaScript until durable",
        value: median(rates),
        unit: "rows/s",
        detail: { share: median(rates) / median(raw!) },
      },
      {
        name: "burst from JavaScript: record() while it lasts",
        value: median(js.map((one) => one.record)),
        unit: "µs",
      },
      { name: "burst: rows dropped or bodies let go", value: lost, unit: "", atMost: 0 },
    ]
  },
}
