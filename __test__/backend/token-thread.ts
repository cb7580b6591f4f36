/** A worker thread that opens a folder with a token function of its own and stays: data `{ dir, backend }`. */

import { parentPort, workerData } from "node:worker_threads"
import { start, type RemoteBackend } from "../../index.js"

const { dir, backend } = workerData as { dir: string; backend: RemoteBackend }
await start({ dir, record: { http: false }, backend: { ...backend, token: () => "of-the-thread" } })
parentPort!.postMessage("started")
setInterval(() => {}, 1000)
