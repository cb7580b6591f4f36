/** A worker thread that records rows, says so and stays: data `{ dir, rows, name }`. */

import { parentPort, workerData } from "node:worker_threads"
import { recordTool, start, withRun } from "../../../index.js"

const { dir, rows } = workerData as { dir: string; rows: number }
await start({ dir })
withRun({ runId: "child" }, () => {
  for (let row = 0; row < rows; row++) recordTool({ name: `row-${row}`, output: { row } })
})
parentPort!.postMessage("recorded")
setInterval(() => {}, 1000)
