/** checkProof on what a store hands out. */

import { checkProof } from "../index.js"
import { type Benchmark, p50Us } from "./harness.js"
import { claimOn, draw, fill, openStore } from "./store.js"

const SIZE = 100_000
const BUNDLES = 100
const CHECKS = 2000

export const check: Benchmark = {
  name: "check",
  run: async () => {
    const store = await openStore()
    await fill(store.engine, 0, SIZE)
    const pick = draw(SIZE)
    const claims = Array.from({ length: BUNDLES }, () => claimOn(pick()))
    const verdict = await store.vouchsafe.verify(claims, { bundles: true })
    const bundles = verdict.claims.map(({ proof }) => proof!.bundle!)
    const { verifierKey } = store.vouchsafe
    await store.close()

    let next = 0
    const once = async (): Promise<void> => {
      const { ok, reason } = await checkProof(bundles[next++ % BUNDLES]!, verifierKey)
      if (!ok) throw new Error(`a true bundle came out as ${reason}`)
    }
    await p50Us(BUNDLES, once)
    const bytes = bundles.reduce((sum, bundle) => sum + bundle.length, 0) / BUNDLES
    return [
      {
        name: "check: a bundle of a log of 100 k rows, in JavaScript, p50",
        value: (await p50Us(CHECKS, once)) / 1000,
        unit: "ms",
        atMost: 1,
        detail: { bytes },
      },
    ]
  },
}
