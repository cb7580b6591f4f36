/** How many requests each wait for the backend took. */

import type { Logged } from "../stub/log.js"

/** A preprocess run, a proof and a verification are each one wait: from the request that starts it to the next of these. */
export function pollsPerWait(log: readonly Logged[]): number[] {
  const waits = new Map<string, number[]>()
  const waitsOf = (path: string): number[] => waits.get(path) ?? waits.set(path, []).get(path)!
  for (const { endpoint, path } of log) {
    if (endpoint === "POST preprocess") waitsOf(path).push(0)
    else if (endpoint === "POST verify") waitsOf(path.replace(/\/verify$/, "")).push(0)
    else if (endpoint === "GET preprocess" || endpoint === "GET record") {
      const own = waitsOf(path)
      // A record is waited for from the moment of its query, which does not know its path yet.
      if (own.length === 0) own.push(0)
      own[own.length - 1]!++
    }
  }
  return [...waits.values()].flat()
}
