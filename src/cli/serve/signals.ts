/** The signals that end a server. */

import { constants } from "node:os"

const SIGNALS = ["SIGINT", "SIGTERM"] as const

/**
 * Resolves at the first signal to true, or to false once the server has ended without one; the second signal ends the
 * process there and then, as it would without us.
 */
export async function endBySignal(ended: Promise<void>): Promise<boolean> {
  // A listener alone does not keep the process alive.
  const alive = setInterval(() => {}, 2 ** 30)
  const signalled = new Promise<true>((resolve) => {
    let asked = false
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (asked) process.exit(128 + constants.signals[signal])
        asked = true
        resolve(true)
      })
    }
  })
  const asked = await Promise.race([signalled, ended.then(() => false)])
  clearInterval(alive)
  return asked
}
