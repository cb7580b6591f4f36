/** A payload, evaluated offline. */

import { evaluateHandoff } from "../../lifecycle.js"
import type { Verdict } from "../../verdict.js"
import { describeClaim, judged, painted } from "../claim.js"
import { exitCodeOf } from "../exit-codes.js"
import { safe } from "../escape.js"
import { write, type Page } from "../output.js"
import { fold, times } from "../terminal.js"

/** Prints each claim's verdict; resolves to the verdict's exit code. */
export async function checkPayload(text: string, verifierKeys: string[], json?: boolean): Promise<number> {
  const verdict = await evaluateHandoff(text, { verifierKeys })
  write(json, verdict, (page) => describe(verdict, page))
  return exitCodeOf(verdict.outcome)
}

function describe(verdict: Verdict, page: Page): string {
  const { style, width } = page
  const proven = verdict.claims.filter((claim) => claim.proof?.trust === "proof").length
  const signed = verdict.checkpoint
    ? `log ${verdict.checkpoint.origin}, ${times(Number(verdict.checkpoint.size), "leaf", "leaves")}`
    : "no checkpoint by a trusted key"
  return [
    ...verdict.claims.map((claim) => `${describeClaim(judged(claim), page)}\n`),
    ...verdict.errors.map(({ message }) => fold(safe(message), "", width)),
    fold(safe(`${proven} of ${times(verdict.claims.length, "claim")} with proof; ${signed}`), "", width),
    `${style.bold("Verdict:")} ${painted(verdict.outcome, style)}`,
  ].join("\n")
}
