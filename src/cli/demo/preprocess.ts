/** Watches the worker that commits rows behind the agent's back. */

import type { Vouchsafe } from "../../../index.js"

/** How often the counter is read; a run is seen that much late at most. */
const EVERY_MS = 2

/** The preprocess runs since `watchPreprocess` was called. */
export interface PreprocessWatch {
  /** When each was seen, in `performance.now()`. */
  readonly seen: readonly number[]
  /** Looks once more. */
  look(): void
  stop(): void
}

/** Starts to watch. */
export function watchPreprocess(vouchsafe: Vouchsafe): PreprocessWatch {
  const seen: number[] = []
  let before = vouchsafe.stats().preprocessRuns
  const look = (): void => {
    const runs = vouchsafe.stats().preprocessRuns
    for (; before < runs; before++) seen.push(performance.now())
  }
  const timer = setInterval(look, EVERY_MS).unref()
  return { seen, look, stop: () => clearInterval(timer) }
}
