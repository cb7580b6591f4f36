/**
 * Records until the disk is full, says so, waits for SIGUSR2, and goes on: `fill.ts DIR`.
 * Prints `events …`, `flush CODE`, `verdict REASON`, `commit CODE`, then, given room, `after REASON…`.
 */

import { once } from "node:events"
import { start, type VouchsafeError } from "../../../index.js"

const [dir] = process.argv.slice(2)
const events = new Set<string>()
const vouchsafe = await start({ dir: dir!, onEvent: ({ type, code }) => void events.add(`${type} ${code}`) })
const expect = { kinds: ["tool"] as ["tool"] }
const claim = (row: number) => ({ action: `row-${row}`, path: "row", equals: row })
const code = (error: unknown): string => (error as VouchsafeError).code

vouchsafe.recordTool({ name: "row-0", output: { row: 0 } })
console.log(`before ${(await vouchsafe.verify([claim(0)], { expect })).outcome}`)
let rows = 1
let failure: string | null = null
while (failure === null && rows < 1000) {
  for (let i = 0; i < 10; i++, rows++) {
    vouchsafe.recordTool({ name: `row-${rows}`, input: "x".repeat(20_000), output: { row: rows } })
  }
  failure = await vouchsafe.flush().then(() => null, code)
}
console.log(`flush ${failure}`)
console.log(`commit ${await vouchsafe.commit().then(() => null, code)}`)
const verdict = await vouchsafe.verify([claim(0), claim(rows - 1)], { expect })
console.log(`verdict ${verdict.outcome} ${verdict.claims.map(({ reason }) => reason).join(" ")}`)
console.log(`events ${[...events].join(",")}`)
const alive = setInterval(() => {}, 1000)
await once(process, "SIGUSR2")
clearInterval(alive)
const all = Array.from({ length: rows }, (_, row) => claim(row))
let after = await vouchsafe.verify(all, { expect })
while (after.errors.length > 0) after = await vouchsafe.verify(all, { expect })
console.log(`after ${after.outcome} ${after.claims.filter(({ outcome }) => outcome === "PASS").length} of ${rows}`)
await vouchsafe.shutdown()
