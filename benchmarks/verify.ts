/** verify() of ten claims, in stores of three sizes. */

import { type Benchmark, type Figure, interleave, median, p50Us, times } from "./harness.js"
import { claimOn, draw, fill, openStore, recordSmall, type Store } from "./store.js"

const SIZES = { "10 k": 10_000, "100 k": 100_000, "1 M": 1_000_000 }
const CLAIMS = 10
const RECENT = 1000
const ROUNDS = 30
const CALLS = 20
const DEBOUNCE_MS = 50

/** Verifies ten claims on exchanges that `pick` chooses; all of them are true. */
async function verifyTen({ vouchsafe }: Store, pick: () => number): Promise<void> {
  const { outcome } = await vouchsafe.verify(Array.from({ length: CLAIMS }, () => claimOn(pick())))
  if (outcome !== "PASS") throw new Error(`a true claim came out as ${outcome}`)
}

function committed(stores: Record<string, Store>): Record<string, () => Promise<number>> {
  const blocks: Record<string, () => Promise<number>> = {}
  for (const [name, size] of Object.entries(SIZES)) {
    const store = stores[name]!
    const anywhere = draw(size)
    const recent = draw(RECENT)
    blocks[name] = () => p50Us(CALLS, () => verifyTen(store, anywhere))
    blocks[`${name} recent`] = () => p50Us(CALLS, () => verifyTen(store, () => size - RECENT + recent()))
  }
  return blocks
}

/** The same with a row that no commit covers, beside the two things that this takes. */
async function pending(store: Store, size: number): Promise<Figure> {
  let next = size
  const pick = draw(size)
  const dirty = (): void => recordSmall(store.engine, next++)
  const samples = await interleave(ROUNDS, {
    pending: () => p50Us(CALLS, () => (dirty(), verifyTen(store, pick))),
    commit: () => p50Us(CALLS, () => (dirty(), store.engine.commit())),
    committed: () => p50Us(CALLS, () => verifyTen(store, pick)),
  })
  const both = samples.commit.map((value, at) => value + samples.committed[at]!)
  const detail = {
    pendingUs: median(samples.pending),
    commitUs: median(samples.commit),
    committedUs: median(samples.committed),
    debounceUs: DEBOUNCE_MS * 1000,
  }
  return {
    name: "verify, a commit pending: share of verify + commit",
    value: times(samples.pending, both),
    unit: "",
    atMost: 1.15, detail,
  }
}

export const verify: Benchmark = {
  name: "verify",
  run: async () => {
    const stores: Record<string, Store> = {}
    for (const [name, size] of Object.entries(SIZES)) {
      stores[name] = await openStore({ debounceMs: DEBOUNCE_MS })
      await fill(stores[name].engine, 0, size)
    }
    const samples = await interleave(ROUNDS, committed(stores))
    const figures: Figure[] = Object.keys(SIZES).flatMap((name) => [
      {
        name: `verify, 10 claims anywhere in ${name} rows, p50`,
        value: median(samples[name]!) / 1000,
        unit: "ms",
        ...(name === "10 k" ? { atMost: 2 } : {}),
      },
      {
        name: `verify, 10 claims on the newest of ${name} rows, p50`,
        value: median(samples[`${name} recent`]!) / 1000,
        unit: "ms",
      },
    ])
    figures.push(
      {
        name: "verify, anywhere: 1 M as a multiple of 10 k",
        value: times(samples["1 M"]!, samples["10 k"]!),
        unit: "x",
        atMost: 1.5,
      },
      {
        name: "verify, newest: 1 M as a multiple of 10 k",
        value: times(samples["1 M recent"]!, samples["10 k recent"]!),
        unit: "x",
        atMost: 1.5,
      },
      await pending(stores["10 k"]!, SIZES["10 k"]),
    )
    for (const store of Object.values(stores)) await store.close()
    return figures
  },
}
