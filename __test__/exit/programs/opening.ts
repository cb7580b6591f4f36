/** Ends while the store is still being opened, with one fetch done: `opening.ts DIR WAY URL`. */

import { start, withRun, withTool } from "../../../index.js"

const [dir, way, url] = process.argv.slice(2)
// The first fetch of a process takes longer than opening a store.
await (await fetch(url!)).arrayBuffer()
let opened = false
void start({ dir: dir! }).then(() => (opened = true))
await withRun({ runId: "child" }, () =>
  withTool({ name: "row-0" }, async () => (await fetch(`${url}/?row=0`)).arrayBuffer()),
)
console.log(opened ? "opened" : "opening")
if (way === "exit") process.exit(7)
if (way === "throw") throw new Error("on purpose")
if (way === "SIGTERM") {
  setInterval(() => {}, 1000)
  process.kill(process.pid, "SIGTERM")
}
