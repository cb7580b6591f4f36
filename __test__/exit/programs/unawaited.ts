/** Fetches right behind a start that nobody awaits: `unawaited.ts DIR WAY URL…`. */

import { configureIndexing, shutdown, start, withRun, withTool } from "../../../index.js"

const [dir, way, ...urls] = process.argv.slice(2)
if (way === "indexing") {
  process.env["VOUCHSAFE_DIR"] = dir
  void configureIndexing({ enableIndexing: true })
} else void start({ dir: dir! })
// Not awaited either: the store is still being opened when the last of them is asked for.
const calls = withRun({ runId: "child" }, () =>
  urls.map((url, row) => withTool({ name: `row-${row}` }, async () => (await fetch(url)).arrayBuffer())),
)
if (way === "shutdown") {
  await Promise.all(calls)
  await shutdown()
  process.exit(3)
}
if (way === "indexing") {
  await Promise.all(calls)
  await configureIndexing({ enableIndexing: false })
}
