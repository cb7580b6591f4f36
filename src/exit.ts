/** What was recorded reaches the disk however the process ends, and it ends as it would have without us. */

import { isMainThread } from "node:worker_threads"

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const

/** What is done at the end, on this thread. */
export interface Ending {
  /** The process may go on: what was recorded is written. */
  flush(): void
  /** The process ends: what was recorded is written, and the stores are closed. */
  drain(): void
}

/** All copies of this library in the thread share one set of handlers: two would each leave the ending to the other. */
const KEY = Symbol.for("vouchsafe.exit.1")
const holder = globalThis as { [KEY]?: Set<Ending> }

/** Has `ending` called when the process exits or is told to end. */
export function onExit(ending: Ending): void {
  if (holder[KEY]) {
    holder[KEY].add(ending)
    return
  }
  const endings = (holder[KEY] = new Set([ending]))
  const drain = (): void => endings.forEach((one) => one.drain())
  // Also after an uncaught exception and process.exit().
  process.on("exit", drain)
  if (!isMainThread) return
  for (const signal of SIGNALS) {
    const onSignal = (): void => {
      endings.forEach((one) => one.flush())
      // Gone before the others are asked: those that end the process only where nobody else listens do not count us.
      process.removeListener(signal, onSignal)
      if (process.listenerCount(signal) > 0) return
      drain()
      process.kill(process.pid, signal)
    }
    process.prependListener(signal, onSignal)
  }
}
