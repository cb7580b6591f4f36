import { shared } from "./shared.js"

const reported = new Set<string>()

/**
 * Counts an error of the recorder's own and reports it once per kind. Everything that runs inside somebody's request
 * ends here: a throwing subscriber would be an uncaughtException (rule 1 of recording).
 */
export function failed(where: string, error: unknown): void {
  shared.recordErrors++
  if (reported.has(where)) return
  reported.add(where)
  try {
    shared.active?.onError(where, error)
  } catch {
    // Whoever listens to our errors must not break the request either.
  }
}

/** How many exchanges could not be recorded, or not whole, because the recorder itself failed in this thread. */
export function recordErrors(): number {
  return shared.recordErrors
}
