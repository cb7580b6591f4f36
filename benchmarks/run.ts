/** `npm run bench [-- name …]`: runs the benchmarks, prints a table, and writes benchmarks/results/. */

import { mkdirSync, writeFileSync } from "node:fs"
import { burst } from "./burst.js"
import { decisions } from "./decisions.js"
import { grouping } from "./grouping.js"
import { type Benchmark, type Figure, holds } from "./harness.js"
import { ledger } from "./ledger.js"
import { machine } from "./machine.js"
import { memory } from "./memory.js"
import { proofs } from "./proofs.js"
import { record } from "./record.js"
import { recorder } from "./recorder.js"
import { server } from "./rounds.js"
import { verify } from "./verify.js"
import { wire } from "./wire.js"

const ALL: readonly Benchmark[] = [recorder, record, burst, verify, grouping, ledger, proofs, memory, decisions, wire, server]
const RESULTS = "benchmarks/results"
const WIDTH = 64

const rounded = (value: number): number => Number(value.toPrecision(value >= 1000 ? 6 : 3))

const roundNumbers = (_: string, value: unknown): unknown => (typeof value === "number" ? rounded(value) : value)

function line(figure: Figure): string {
  const { name, value, unit, atMost, atLeast, detail, skipped } = figure
  if (skipped !== undefined) return `${name.padEnd(WIDTH)} skipped: ${skipped}`
  const bar = atMost === undefined ? (atLeast === undefined ? "" : `≥ ${atLeast}`) : `≤ ${atMost}`
  const verdict = { true: "ok", false: "MISSED", null: "" }[String(holds(figure)) as "true" | "false" | "null"]
  const parts = Object.entries(detail ?? {}).map(([part, one]) => `${part} ${rounded(one)}`).join(", ")
  const number = String(rounded(value)).padStart(9)
  return `${name.padEnd(WIDTH)}${number} ${unit.padEnd(7)}${bar.padEnd(10)}${verdict.padEnd(8)}${parts}`.trimEnd()
}

const names = process.argv.slice(2)
const unknown = names.find((name) => !ALL.some((one) => one.name === name))
if (unknown !== undefined) {
  console.error(`there is no benchmark ${unknown}; there are ${ALL.map(({ name }) => name).join(", ")}`)
  process.exit(64)
}
const chosen = names.length === 0 ? ALL : ALL.filter(({ name }) => names.includes(name))
const facts = machine()
console.log(Object.entries(facts).map(([name, value]) => `${name} ${value}`).join(", "))
const results: Record<string, Figure[]> = {}
for (const { name, run } of chosen) {
  const began = performance.now()
  const figures = await run()
  results[name] = figures
  console.log(`\n${name} (${((performance.now() - began) / 1000).toFixed(0)} s)`)
  for (const figure of figures) console.log(line(figure))
}
const missed = Object.values(results).flat().filter((figure) => holds(figure) === false).length
console.log(`\n${missed === 0 ? "every bar holds" : `${missed} bars missed`}`)
mkdirSync(RESULTS, { recursive: true })
const file = `${RESULTS}/${names.length === 0 ? "latest" : names.join("-")}.json`
writeFileSync(file, `${JSON.stringify({ date: new Date().toISOString(), machine: facts, results }, roundNumbers, 2)}\n`)
