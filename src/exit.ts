/** What was recorded reaches the disk however the process ends, and it ends as it would have without us. */

import { isMainThread } from "node:worker_threads"

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const

let installed = false

/** Runs `drain` when the process exits or is told to end; once per thread. */
export function onExit(drain: () => void): void {
  if (installed) return
  installed = true
  // Also after an uncaught exception and process.exit().
  process.on("exit", drain)
  if (!isMainThread) return
  for (const signal of SIGNALS) {
    const onSignal = (): void => {
      // Whoever listens too decides when the process ends; then "exit" comes.
      if (process.listenerCount(signal) > 1) return
      drain()
      process.removeListener(signal, onSignal)
      process.kill(process.pid, signal)
    }
    process.on(signal, onSignal)
  }
}
