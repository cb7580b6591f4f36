/** A trace as a person reads it. */

import type { ShownClaim, ShownExchange, ShownTrace } from "../../engine/folder.js"
import { describeClaim, fact, painted } from "../claim.js"
import { safe } from "../escape.js"
import type { Page } from "../output.js"
import { fit, fold, times } from "../terminal.js"
import { describeExcerpt } from "./excerpt.js"
import { describeExchange } from "./exchange.js"
import type { Signed } from "./signed.js"

/** Outcome, task and answer; each claim with its exchange, those that did not pass first; the verdict. */
export function describeTrace(
  trace: ShownTrace,
  signed: ReadonlyMap<string, Signed>,
  page: Page,
  full: boolean,
): string {
  const { style } = page
  const facts = [
    ["trace", trace.id],
    ["verdict", countsOf(trace)],
    ["at", new Date(trace.createdUs / 1000).toISOString()],
    ["run", trace.runId],
    ["task", trace.task],
    ["answer", trace.answer],
  ] as const
  const shownWith = new Map<string, number>()
  const describe = (claim: ShownClaim): string => {
    const parts = [describeOne(claim, page, full)]
    if (trace.claims.length > 1) parts.push(fact("claim", `${claim.position + 1} of ${trace.claims.length}`, page))
    const { exchange } = claim
    if (exchange && shownWith.has(exchange.id)) {
      parts.push(fact("exchange", `the same as of claim ${shownWith.get(exchange.id)}`, page))
    } else if (exchange) {
      shownWith.set(exchange.id, claim.position + 1)
      parts.push(describeExchange(exchange, page, full), describeSigned(signed.get(exchange.id)!, page))
    }
    if (claim.excerpt.length > 0) parts.push(describeExcerpt(claim, page))
    return `${parts.join("\n")}\n`
  }
  const failed = trace.claims.filter(({ outcome }) => outcome !== "PASS")
  const passed = trace.claims.filter(({ outcome }) => outcome === "PASS")
  return [
    ...facts.flatMap(([name, text]) => (text === null ? [] : [headline(name, text, page)])),
    "",
    ...[...failed, ...passed].map(describe),
    `${style.bold("Verdict:")} ${painted(trace.outcome, style)}, ${times(trace.claims.length, "claim")}`,
    fold("Verdicts are kept beside the log, not in it: this is the one that was stored.", "", page.width),
  ].join("\n")
}

function countsOf({ outcome, claims }: ShownTrace): string {
  const counts = (["CAUGHT", "ERROR", "PASS"] as const).flatMap((one) => {
    const count = claims.filter((claim) => claim.outcome === one).length
    return count === 0 ? [] : [`${count} ${one}`]
  })
  return `${outcome}; ${times(claims.length, "claim")}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}`
}

const NAME = 8

function headline(name: string, text: string, { style, width }: Page): string {
  const indent = " ".repeat(NAME)
  return style.dim(fit(name, NAME)) + fold(safe(text), indent, width).slice(NAME)
}

function describeOne(claim: ShownClaim, page: Page, full: boolean): string {
  const { outcome, reason, details, path, claimed, actual, exchange, lines } = claim
  const text = claim.claim?.text ?? null
  const absent = !exchange ? "no exchange" : lines > 0 ? "nothing there" : whyUnread(exchange)
  return describeClaim({ outcome, reason, text, path, message: details, claimed, actual, absent }, page, full)
}

function whyUnread({ response, truncated, body_length: length }: ShownExchange): string {
  if (response !== null) return "unreadable"
  if (length === null || length === "0") return "no body"
  return truncated ? "not kept" : "deleted by retention"
}

function describeSigned({ ok, message }: Signed, page: Page): string {
  const mark = ok === null ? "!" : ok ? "✓" : "✗"
  const line = fact("signed", `${mark} ${message}`, page)
  return ok === false ? page.style.bad(line) : line
}
