export const COMPLETE = 0
export const ABORTED = 1
export const ERROR = 2
export type Outcome = typeof COMPLETE | typeof ABORTED | typeof ERROR

interface Failure {
  name?: unknown
  code?: unknown
  syscall?: unknown
  message?: unknown
}

const ABORT_CODES = new Set<unknown>(["ABORT_ERR", "UND_ERR_ABORTED"])

/**
 * Whether an exchange that failed with this was given up by its caller (a signal, a cancelled body, a reason of the
 * caller's own) or broken by the network or the server, whose errors carry a code.
 */
export function outcomeOf(error: unknown): Outcome {
  if (typeof error !== "object" || error === null) return ABORTED
  const { name, code, syscall } = error as Failure
  if (name === "AbortError" || name === "TimeoutError" || ABORT_CODES.has(code)) return ABORTED
  return typeof code === "string" || syscall !== undefined ? ERROR : ABORTED
}

/** An error in one line: its code, where it has one, and its message. */
export function describe(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error)
  const { name, code, message } = error as Failure
  const label = typeof code === "string" ? code : typeof name === "string" ? name : "Error"
  return typeof message === "string" && message !== "" ? `${label}: ${message}` : label
}
