/** The lines around the place that a claim looks at. */

import type { ShownClaim } from "../../engine/folder.js"
import { INDENT } from "../claim.js"
import { safe } from "../escape.js"
import type { Page } from "../output.js"
import { fit, fold, times } from "../terminal.js"

const WHAT: Record<string, string> = {
  body: "response",
  status: "status",
  headers: "response headers",
  request: "request",
}

/** The lines with their numbers, the place marked. */
export function describeExcerpt({ claim, excerpt, lines, actual }: ShownClaim, { style, width }: Page): string {
  const digits = String(excerpt.at(-1)?.number ?? 0).length
  const paint = actual === null ? style.bad : style.accent
  const printed = excerpt.flatMap(({ number, text, marked }, at) => {
    const numbered = `${INDENT}${marked ? "▶" : " "} ${fit(String(number), digits, "right")}  `
    const line = fit(safe(text), width - numbered.length).trimEnd()
    const whole = marked ? paint(numbered + line) : style.dim(numbered) + line
    const skips = at > 0 && excerpt[at - 1]!.number + 1 < number
    return skips ? [`${INDENT}  ${" ".repeat(digits)}  …`, whole] : [whole]
  })
  const part = WHAT[claim?.part ?? "body"] ?? "response"
  const what = `${part}${actual === null ? ", where the path ends" : ""}, ${excerpt.length} of ${times(lines, "line")}`
  return [style.dim(fold(what, INDENT, width)), ...printed].join("\n")
}
