// A program that knows nothing of vouchsafe: `plain.mjs URL`; fetches here and in a worker thread.

import { Worker, isMainThread, workerData } from "node:worker_threads"

if (isMainThread) {
  const url = process.argv[2]
  await (await fetch(`${url}/main?row=0`)).text()
  await new Promise((resolve) => new Worker(new URL(import.meta.url), { workerData: url }).on("exit", resolve))
} else await (await fetch(`${workerData}/thread?row=1`)).text()
