/** The exchange that decided a claim. */

import type { ShownExchange } from "../../engine/folder.js"
import { fact, INDENT } from "../claim.js"
import { safeLines } from "../escape.js"
import type { Page } from "../output.js"
import { bytes, chop, milliseconds } from "../terminal.js"

/** What was asked of whom, when, on whose behalf, and what came back. */
export function describeExchange(exchange: ShownExchange, page: Page, full: boolean): string {
  const facts: [string, string | null][] = [
    ["exchange", [exchange.method, exchange.url].filter(Boolean).join(" ") || exchange.kind],
    ["status", statusOf(exchange)],
    ["began", timesOf(exchange)],
    ["agent", exchange.agent_id],
    ["action", exchange.action_name],
    ["call", exchange.call_ref],
    ["tool call", exchange.tool_call_id],
    ["size", sizeOf(exchange)],
    ["redacted", exchange.redacted.join(", ") || null],
    ["row", `${exchange.id}, number ${exchange.rowSeq}`],
  ]
  const lines = facts.flatMap(([name, text]) => (text === null ? [] : [fact(name, text, page)]))
  return [...lines, ...(full ? whole(exchange, page) : [])].join("\n")
}

function statusOf({ status, http_version: version, outcome, error }: ShownExchange): string | null {
  const http = status === null ? null : `${status}${version === null ? "" : `, HTTP ${version}`}`
  const ending = outcome === "complete" ? null : [outcome, error].filter(Boolean).join(": ")
  return [http, ending].filter(Boolean).join("; ") || null
}

function timesOf({ started_us: started, ended_us: ended }: ShownExchange): string {
  const took = Number(BigInt(ended) - BigInt(started)) / 1000
  return `${new Date(Number(started) / 1000).toISOString()}, ${milliseconds(took)}`
}

function sizeOf({ body_length: length, response, truncated }: ShownExchange): string | null {
  const parts = [
    length === null ? null : bytes(Number(length)),
    truncated ? "cut when it was recorded" : null,
    length !== null && length !== "0" && response === null ? "its body is not kept" : null,
  ]
  return parts.filter(Boolean).join(", ") || null
}

/** Whole headers and bodies. */
function whole(exchange: ShownExchange, { style, width }: Page): string[] {
  const parts: [string, string | null][] = [
    ["request headers", exchange.requestHeaders],
    ["request", exchange.request],
    ["response headers", exchange.responseHeaders],
    ["response", exchange.response],
  ]
  return parts.flatMap(([name, text]) => {
    if (text === null || text === "") return []
    const lines = safeLines(text.replace(/\n$/, "")).flatMap((line) => chop(line, width - INDENT.length - 2))
    return [`${INDENT}${style.dim(name)}`, ...lines.map((line) => `${INDENT}  ${line}`)]
  })
}
