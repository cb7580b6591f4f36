/** Worker threads that run TypeScript, into which tsx does not follow by itself. */

import { Worker } from "node:worker_threads"

export function startThread(file: URL, workerData: unknown): Worker {
  const script = `import("tsx/esm/api").then((tsx) => (tsx.register(), import(${JSON.stringify(file.href)})))`
  return new Worker(script, { eval: true, execArgv: [], workerData })
}
