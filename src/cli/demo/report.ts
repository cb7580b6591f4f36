/** What a person reads: one run, and the check by the second process. */

import type { ClaimVerdict, Outcome } from "../../../index.js"
import { fit, heading, milliseconds, type Style, wrap } from "../terminal.js"
import { preprocessRuns, type RunReport } from "./run.js"
import type { SecondProcess } from "./second-process.js"
import { drawTimeline } from "./timeline.js"

/** The column in which what belongs to a claim begins. */
const DETAIL = 12

/** A run from its first tool call to its verdict. */
export function describeRun(run: RunReport, style: Style): string {
  const { scenario, calls, claims, verdict, verifying } = run
  const { background, atVerify } = preprocessRuns(run)
  const from = calls[0]?.from ?? verifying.from
  const timeline = [
    ...calls.map((call) => ({ lane: "tool", label: call.package, from: call.from, to: call.to })),
    { lane: "preprocess", label: times(run.preprocessed.length, "run"), at: run.preprocessed },
    { lane: "verify", label: times(claims.length, "claim"), ...verifying },
  ]
  const { fenceMs, queryMs, proveMs, fetchMs, verifyMs } = verdict.timings
  const parts = { fence: fenceMs, query: queryMs, prove: proveMs, fetch: fetchMs, compare: verifyMs }
  const stages = Object.entries(parts).map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
  const cited = new Set(claims.map((claim) => claim.callRef)).size
  return [
    style.bold(heading(scenario.title)),
    "",
    wrap(`The agent says: “${claims.map((claim) => claim.text).join("; ")}.”`, "  "),
    "",
    drawTimeline(timeline, from, verifying.to, style),
    "",
    wrap(`${times(claims.length, "claim")} on ${times(cited, "tool call")}: ${times(verdict.counts.records, "query record")}. ` +
      `${times(background, "preprocess run")} while the agent worked, on a thread of the engine; ${atVerify} when verify asked.`, "  "),
    wrap(`Time in verify ${milliseconds(verifying.to - verifying.from)}: ${stages.join(", ")}.`, "  "),
    "",
    ...verdict.claims.map((claim) => describeClaim(claim, style)),
    "",
    `  ${style.bold("Verdict:")} ${painted(verdict.outcome, style)}`,
  ].join("\n")
}

function describeClaim(claim: ClaimVerdict, style: Style): string {
  const mark = claim.outcome === "PASS" ? "✓" : "✗"
  const line = `  ${painted(`${mark} ${fit(claim.outcome, 6)}`, style, claim.outcome)}  ${claim.claim.text ?? claim.path}`
  if (claim.outcome === "PASS") return line
  const indent = " ".repeat(DETAIL)
  const detail = (name: string, value: unknown): string => `${indent}${style.dim(fit(name, 8))} ${JSON.stringify(value)}`
  const values = claim.reason === "contradicted" ? [detail("claimed", claim.claimed), detail("actual", claim.actual)] : []
  return [line, ...values, wrap(claim.message, indent)].join("\n")
}

/** What the second process found in the payload files. */
export function describeSecondProcess(second: SecondProcess, verifierKey: string, style: Style): string {
  const found = second.evaluations.map(({ file, verdict, ms }) => {
    const proven = verdict.claims.filter((claim) => claim.proof?.trust === "proof").length
    const what = `${proven} of ${times(verdict.claims.length, "claim")} with proof, ${milliseconds(ms)}`
    const mark = verdict.outcome === "PASS" ? "✓" : "✗"
    return `  ${painted(`${mark} ${fit(verdict.outcome, 6)}`, style, verdict.outcome)}  ${file}\n${" ".repeat(DETAIL)}${style.dim(what)}`
  })
  return [
    style.bold(heading("A second process, with the payload files and the verifier key alone")),
    "",
    wrap(`The store is deleted. Process ${second.pid} was started with two files and this key, and ended after ` +
      `${milliseconds(second.ms)}; it checked every signature, every inclusion proof and every value itself.`, "  "),
    `  ${style.dim(fit(verifierKey, 78).trimEnd())}`,
    "",
    ...found,
  ].join("\n")
}

function painted(text: string, style: Style, outcome: Outcome = text as Outcome): string {
  return outcome === "PASS" ? style.good(text) : style.bad(text)
}

function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`
}
