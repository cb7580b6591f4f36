/** How much work claims and tool calls make: counts, no times. */

import { setTimeout as sleep } from "node:timers/promises"
import { withTool } from "../index.js"
import { type Benchmark, median } from "./harness.js"
import { startServer } from "./server.js"
import { claimOn, fill, openStore } from "./store.js"

const CLAIMS = 10
const CALLS = 5
const VERIFICATIONS = 10
const TOOL_CALLS = 10
const ROUNDS = 10
const DEBOUNCE_MS = 50

export const grouping: Benchmark = {
  name: "grouping",
  run: async () => {
    const server = await startServer()
    const store = await openStore({ debounceMs: DEBOUNCE_MS, record: { http: true } })
    await fill(store.engine, 0, CALLS)
    const before = store.vouchsafe.stats()
    await store.vouchsafe.verify(Array.from({ length: CLAIMS }, (_, n) => claimOn(n % CALLS)))
    const after = store.vouchsafe.stats()
    const claims = Array.from({ length: CALLS }, (_, n) => claimOn(n))
    await Promise.all(Array.from({ length: VERIFICATIONS }, () => store.vouchsafe.verify(claims)))
    const { maxInFlight } = store.vouchsafe.stats()

    const runs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const began = store.vouchsafe.stats().preprocessRuns
      for (let call = 0; call < TOOL_CALLS; call++) {
        await withTool({ name: "price" }, async () => (await fetch(`${server.url}/json/1024`)).json())
      }
      // Long enough for the window to close and its commit to end.
      await sleep(DEBOUNCE_MS * 4)
      runs.push(store.vouchsafe.stats().preprocessRuns - began)
    }
    await store.close()
    server.stop()
    return [
      {
        name: "10 claims on 5 rows: query records",
        value: after.queryRecords - before.queryRecords,
        unit: "",
        atMost: CALLS,
      },
      {
        name: "10 claims on 5 rows: preprocess runs, all committed before",
        value: after.preprocessRuns - before.preprocessRuns,
        unit: "",
        atMost: 0,
      },
      { name: "10 claims on 5 rows: calls in flight at most", value: after.maxInFlight, unit: "", atMost: 8 },
      { name: "10 verify() at once: calls in flight at most", value: maxInFlight, unit: "", atMost: 8 },
      {
        name: "10 tool calls in a row: preprocess runs",
        value: median(runs),
        unit: "",
        atMost: 1, detail: { most: Math.max(...runs) },
      },
    ]
  },
}
