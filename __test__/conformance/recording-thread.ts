/**
 * A worker thread that records a burst of rows whenever it is told that a round begins. Data: `{ dir, engine, name, url,
 * shared }`; shared is [round, rows accepted, ended]. With a url each row is a real fetch, else a report.
 */

import { parentPort, workerData } from "node:worker_threads"
import { recordTool, start, withInterceptorContext, type StartOptions } from "../../index.js"

const { dir, engine, name, url, shared } = workerData as {
  dir: string
  engine: NonNullable<StartOptions["engine"]>
  name: string
  url: string | null
  shared: Int32Array
}
const vouchsafe = await start({ dir, engine })
parentPort!.postMessage("ready")
let row = 0
await withInterceptorContext({ runId: "shared", actionName: name }, async () => {
  for (let round = 0; Atomics.load(shared, 2) === 0; round = Atomics.load(shared, 0)) {
    Atomics.wait(shared, 0, round, 1000)
    for (let burst = row % 4; burst >= 0; burst--) {
      if (url === null) recordTool({ name, output: { row } })
      else await (await fetch(`${url}/?row=${row}`)).arrayBuffer()
      row++
      // From here on the row was accepted, and whoever reads this asks for it.
      Atomics.store(shared, 1, row)
    }
  }
})
await vouchsafe.shutdown()
