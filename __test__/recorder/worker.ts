import { parentPort, workerData } from "node:worker_threads"
import { withTool } from "../../src/recorder/context.js"
import { recorded } from "./collect.js"

const { url, name } = workerData as { url: string; name: string }
const { rows } = await recorded(() => withTool({ name }, async () => (await fetch(url)).text()))
parentPort!.postMessage(rows.map((row) => [row.actionName, row.url, row.status]))
