/** What the defaults of debounceMs and maxConcurrency rest on. */

import { setTimeout as sleep } from "node:timers/promises"
import { type Benchmark, type Figure, interleave, median, p50Us } from "./harness.js"
import { claimOn, draw, fill, openStore, recordSmall, type Store } from "./store.js"

const ROWS = 10_000
const CLAIMS = 10
const ROUNDS = 4
/** One exchange every few ms, as of a busy agent. */
const EVERY_MS = 4
const STEADY_MS = 1500
const VERIFICATIONS = 100

async function stores(values: readonly number[], option: "debounceMs" | "maxConcurrency"): Promise<Map<number, Store>> {
  const opened = new Map<number, Store>()
  for (const value of values) {
    const store = await openStore({ [option]: value })
    await fill(store.engine, 0, ROWS)
    opened.set(value, store)
  }
  return opened
}

/** Records steadily while `work` runs. */
async function underTraffic(store: Store, next: () => number, work: () => Promise<number>): Promise<number> {
  const timer = setInterval(() => recordSmall(store.engine, next()), EVERY_MS)
  const value = await work()
  clearInterval(timer)
  await store.engine.commit()
  return value
}

function verifyTen(store: Store, pick: () => number): Promise<unknown> {
  return store.vouchsafe.verify(Array.from({ length: CLAIMS }, () => claimOn(pick())))
}

async function debounce(): Promise<Figure[]> {
  const opened = await stores([10, 50, 200], "debounceMs")
  let n = ROWS
  const next = (): number => n++
  const blocks: Record<string, () => Promise<number>> = {}
  for (const [value, store] of opened) {
    const pick = draw(ROWS)
    const commits = (): number => store.vouchsafe.stats().preprocessRuns
    blocks[`debounce ${value} ms, steady traffic: commits`] = () =>
      underTraffic(store, next, async () => {
        const before = commits()
        await sleep(STEADY_MS)
        return ((commits() - before) * 1000) / STEADY_MS
      })
    blocks[`debounce ${value} ms, steady traffic: verify p50`] = () =>
      underTraffic(store, next, () =>
        p50Us(VERIFICATIONS, () => {
          recordSmall(store.engine, next())
          return verifyTen(store, pick)
        }),
      )
  }
  const samples = await interleave(ROUNDS, blocks)
  for (const store of opened.values()) await store.close()
  return Object.entries(samples).map(([name, values]) =>
    name.endsWith("commits") ? { name, value: median(values), unit: "/s" } : { name, value: median(values) / 1000, unit: "ms" },
  )
}

async function concurrency(): Promise<Figure[]> {
  const opened = await stores([1, 4, 8, 16], "maxConcurrency")
  const blocks: Record<string, () => Promise<number>> = {}
  for (const [value, store] of opened) {
    const pick = draw(ROWS)
    blocks[`maxConcurrency ${value}: verify of 10 claims, p50`] = () => p50Us(40, () => verifyTen(store, pick))
    blocks[`maxConcurrency ${value}: ten of them at once, p50`] = () =>
      p50Us(8, () => Promise.all(Array.from({ length: 10 }, () => verifyTen(store, pick))))
  }
  const samples = await interleave(ROUNDS * 4, blocks)
  for (const store of opened.values()) await store.close()
  return Object.entries(samples).map(([name, values]) => ({ name, value: median(values) / 1000, unit: "ms" }))
}

export const decisions: Benchmark = {
  name: "decisions",
  run: async () => [...(await debounce()), ...(await concurrency())],
}
