/** Has a worker thread record and ends it: `terminate.ts DIR ROWS HOW`, HOW is `alone`, `beside` or `exit`. */

import { once } from "node:events"
import { start } from "../../../index.js"
import { startThread } from "../thread.js"

const [dir, rows, how] = process.argv.slice(2)
if (how === "beside") await start({ dir: dir! })
const worker = startThread(new URL("reporter.ts", import.meta.url), { dir, rows: Number(rows) })
await once(worker, "message")
if (how === "exit") process.exit(4)
await worker.terminate()
