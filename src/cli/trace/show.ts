/** A trace as a person reads it. */

import type { ShownClaim, ShownTrace } from "../../engine/folder.js"
import { describeClaim, painted } from "../claim.js"
import { safe } from "../escape.js"
import type { Page } from "../output.js"
import { fit, fold, times } from "../terminal.js"
import { describeExcerpt } from "./excerpt.js"
import { describeExchange } from "./exchange.js"

/** Task and answer, each claim with its exchange, the verdict. */
export function describeTrace(trace: ShownTrace, page: Page, full: boolean): string {
  const { style } = page
  const facts = [
    ["trace", trace.id],
    ["at", new Date(trace.createdUs / 1000).toISOString()],
    ["run", trace.runId],
    ["task", trace.task],
    ["answer", trace.answer],
  ] as const
  return [
    ...facts.flatMap(([name, text]) => (text === null ? [] : [headline(name, text, page)])),
    "",
    ...trace.claims.map((claim) => `${describe(claim, page, full)}\n`),
    `${style.bold("Verdict:")} ${painted(trace.outcome, style)}, ${times(trace.claims.length, "claim")}`,
  ].join("\n")
}

const NAME = 8

function headline(name: string, text: string, { style, width }: Page): string {
  const indent = " ".repeat(NAME)
  return style.dim(fit(name, NAME)) + fold(safe(text), indent, width).slice(NAME)
}

function describe(claim: ShownClaim, page: Page, full: boolean): string {
  const { outcome, reason, details, path, claimed, actual, exchange, lines } = claim
  const text = claim.claim?.text ?? null
  const absent = !exchange ? "no exchange" : lines === 0 ? "unreadable" : "nothing there"
  const parts = [describeClaim({ outcome, reason, text, path, message: details, claimed, actual, absent }, page, full)]
  if (exchange) parts.push(describeExchange(exchange, page, full))
  if (claim.excerpt.length > 0) parts.push(describeExcerpt(claim, page))
  return parts.join("\n")
}
