/** A claim and what came of it, as a person reads it. */

import type { ClaimVerdict, Outcome } from "../verdict.js"
import { safe } from "./escape.js"
import type { Page } from "./output.js"
import { chop, fit, fold, type Style } from "./terminal.js"
import { take } from "./width.js"

/** Where what belongs to a claim begins. */
export const INDENT = "    "
/** Lines of a value that are shown, unless all of it is wanted. */
const LINES = 6

/** A claim with its verdict, wherever it comes from; values are JSON text. */
export interface JudgedClaim {
  outcome: Outcome
  reason: string
  text: string | null
  path: string | null
  message: string
  claimed: string | null
  actual: string | null
  /** Why there is no actual value. */
  absent: string
}

/** With these a value was compared, even where it is null. */
const COMPARED = new Set(["supported", "contradicted"])

/** The claim of a verdict. */
export function judged({
  outcome,
  reason,
  claim,
  path,
  message,
  claimed,
  actual,
  evidence,
}: ClaimVerdict): JudgedClaim {
  return {
    outcome,
    reason,
    text: claim?.text ?? null,
    path: path || null,
    message,
    claimed: JSON.stringify(claimed),
    actual: actual === null && !COMPARED.has(reason) ? null : JSON.stringify(actual),
    absent: evidence ? "nothing there" : "no exchange",
  }
}

/** The outcome as it stands out. */
export function painted(outcome: Outcome, style: Style, text: string = outcome): string {
  return outcome === "PASS" ? style.good(text) : style.bad(text)
}

/** Verdict, message, reason, path, and the claimed value beside the actual one. */
export function describeClaim(claim: JudgedClaim, page: Page, full = false): string {
  const { style, width } = page
  const mark = claim.outcome === "PASS" ? "✓" : "✗"
  const title = fold(safe(claim.text ?? claim.path ?? "a claim"), "", width - 11).split("\n")
  const head = `${painted(claim.outcome, style, `${mark} ${fit(claim.outcome, 6)}`)}  ${title.join(`\n${" ".repeat(10)}`)}`
  const lines = [head, fold(safe(claim.message), INDENT, width)]
  if (claim.claimed !== null || claim.actual !== null) lines.push(besides(claim, page, full))
  if (claim.outcome !== "PASS") lines.push(fact("reason", claim.reason, page))
  if (claim.path !== null) lines.push(fact("path", claim.path, page))
  return lines.join("\n")
}

/** The claimed value on the left, the actual one on the right. */
function besides({ claimed, actual, absent }: JudgedClaim, { style, width }: Page, full: boolean): string {
  const column = Math.floor((width - INDENT.length - 2) / 2)
  const value = (json: string | null): string[] => {
    const lines = chop(safe(json ?? absent), column)
    return full || lines.length <= LINES
      ? lines
      : [...lines.slice(0, LINES - 1), `${take(lines[LINES - 1]!, column - 1)}…`]
  }
  const [left, right] = [value(claimed), value(actual)]
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, at) =>
    `${INDENT}${fit(left[at] ?? "", column)}  ${right[at] ?? ""}`.trimEnd(),
  )
  return [`${INDENT}${style.dim(fit("claimed", column))}  ${style.dim("actual")}`, ...rows].join("\n")
}

/** The columns of a fact's name. */
const NAME = 10

/** A named fact, behind the indent; a long one goes on beneath itself. */
export function fact(name: string, text: string, { style, width }: Page): string {
  const indent = " ".repeat(INDENT.length + NAME)
  return `${INDENT}${style.dim(fit(name, NAME))}${fold(safe(text), indent, width).slice(indent.length)}`
}
