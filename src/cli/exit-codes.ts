/** The exit codes of every command. */

import type { Outcome } from "../verdict.js"

export const FINE = 0
export const CAUGHT = 1
/** ERROR, a failed check, or a command that could not do its work. */
export const FAILED = 2
/** As sysexits.h has it. */
export const USAGE = 64

/** The exit code that a verdict ends a command with. */
export function exitCodeOf(outcome: Outcome): number {
  return outcome === "PASS" ? FINE : outcome === "CAUGHT" ? CAUGHT : FAILED
}
