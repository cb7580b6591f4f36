/** The tree by itself. */

import { cargoExample } from "./cargo.js"
import { type Benchmark, median } from "./harness.js"

const LEAVES = 1_000_000
const ROUNDS = 5

export const ledger: Benchmark = {
  name: "ledger",
  run: async () => {
    const { appends, hot, anywhere } = await cargoExample("vouchsafe-ledger", "rates", [LEAVES, ROUNDS])
    return [
      { name: "ledger: leaves hashed and appended", value: median(appends!), unit: "/s", atLeast: 1_000_000 },
      { name: "ledger: inclusion proofs, hot tiles in 16 MiB", value: median(hot!), unit: "/s", atLeast: 100_000 },
      { name: "ledger: inclusion proofs all over 1 M leaves", value: median(anywhere!), unit: "/s" },
    ]
  },
}
