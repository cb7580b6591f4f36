/** A payload, evaluated offline. */

import { evaluateHandoff } from "../../lifecycle.js"
import type { ClaimVerdict, Verdict } from "../../verdict.js"
import { describeClaim, fact, judged, painted } from "../claim.js"
import { exitCodeOf } from "../exit-codes.js"
import { safe } from "../escape.js"
import { write, type Page } from "../output.js"
import { fold, times } from "../terminal.js"
import { describeCovers } from "./covers.js"

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
    ...verdict.claims.map((claim) => `${describeClaim(judged(claim), page)}\n${describeProof(claim, page)}\n`),
    ...verdict.errors.map(({ message }) => fold(safe(message), "", width)),
    fold(safe(`${proven} of ${times(verdict.claims.length, "claim")} with proof; ${signed}`), "", width),
    `${style.bold("Verdict:")} ${painted(verdict.outcome, style)}`,
  ].join("\n")
}

function describeProof({ proof }: ClaimVerdict, page: Page): string {
  if (!proof) return fact("proof", "none", page)
  const { index, size, trust, covers, form, limits } = proof
  const whose = trust === "proof" ? "" : ", by the word of the backend alone"
  const place = fact("proof", `leaf ${index} of ${size}${whose}`, page)
  return [place, ...describeCovers(covers, form, limits, page)].join("\n")
}
