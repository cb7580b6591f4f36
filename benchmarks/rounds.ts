/** Our own server: rounds of a query, its record and its verification, over connections that are kept. */

import { cargoText } from "./cargo.js"
import { type Benchmark, type Figure, skipped } from "./harness.js"

const ROUNDS = 20_000
const PER_SECOND = 2000
const P99_MS = 50
/** How much of the memory after the first requests may have come with the later ones: an allocator's noise. */
const GROWTH = 1.1

const RUN = /^(.+?):\s+(\d+) rounds\/s, p50 ([\d.]+) ms, p99 ([\d.]+) ms/gm
const MEMORY = /^MiB resident.*?:\s+([\d. ]+)$/m

function rounds([, name, perSecond, p50, p99]: RegExpMatchArray): Figure[] {
  return [
    { name: `server, ${name}: rounds`, value: Number(perSecond), unit: "/s", atLeast: PER_SECOND },
    { name: `server, ${name}: p99`, value: Number(p99), unit: "ms", atMost: P99_MS, detail: { p50Ms: Number(p50) } },
  ]
}

/** From the third of ten on, since caches fill in the first. */
function growth(output: string): Figure {
  const seen = MEMORY.exec(output)![1]!.split(" ").map(Number)
  const [first, last] = [seen[2]!, seen.at(-1)!]
  const detail = { firstMiB: first, lastMiB: last }
  return { name: "server: memory after 100 k requests, as a multiple", value: last / first, unit: "x", atMost: GROWTH, detail }
}

export const server: Benchmark = {
  name: "server",
  run: async () => {
    const output = await cargoText("vouchsafe-server", "rounds", [ROUNDS])
    if (output === "") return [skipped("server", "there is no PostgreSQL for it")]
    return [...[...output.matchAll(RUN)].flatMap(rounds), growth(output)]
  },
}
