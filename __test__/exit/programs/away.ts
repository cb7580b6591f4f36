/**
 * Records rows while the other side is away or silent, and ends: `away.ts DIR ROWS WAY POSTGRES BACKEND`, WAY is `end`,
 * `verify` (a verification that nobody awaits), `token` (its token never comes) or `shutdown`; `-` is no such part.
 */

import { recordTool, shutdown, start, withRun, type StartOptions } from "../../../index.js"

const [dir, rows, way, postgresUrl, url] = process.argv.slice(2)
const token = way === "token" ? () => new Promise<string>(() => {}) : "sesame"
const options: StartOptions = {
  dir: dir!,
  ...(postgresUrl === "-" ? {} : { store: { postgresUrl: postgresUrl! } }),
  ...(url === "-" ? {} : { backend: { url: url!, orgId: "0190b3b0-0000-7000-8000-000000000001", token } }),
}

const vouchsafe = await start(options)
withRun({ runId: "child" }, () => {
  for (let row = 0; row < Number(rows); row++) recordTool({ name: `row-${row}`, output: { row } })
})
if (way === "verify" || way === "token") {
  vouchsafe.verify([{ equals: 1 }], { timeoutMs: 1000 }).then(
    ({ outcome }) => console.log(outcome),
    (error: { code?: string }) => console.log(error.code),
  )
}
if (way === "shutdown") await shutdown()
