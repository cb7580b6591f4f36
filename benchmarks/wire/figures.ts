/** What the sessions come to. */

import { type Figure, median, quantile } from "../harness.js"
import { chain } from "../stub/log.js"
import { CRITICAL_MS, GROUPED, PREPROCESS_MS, REMAINDER_MS } from "./latencies.js"
import type { Former } from "./old.js"
import { pollsPerWait } from "./polls.js"
import type { Session } from "./session.js"

/** What may be lost beside what cannot be avoided. */
const SLACK = 1.15

const total = ({ toolsMs, verifyMs }: Session | Former): number => toolsMs + verifyMs

export function quickFigure(kind: string, sessions: readonly Session[]): Figure {
  const values = sessions.map(total)
  return {
    name: `${kind}, tools of 1 ms: tools + verify, as a share of ${CRITICAL_MS} ms`,
    value: median(values) / CRITICAL_MS,
    unit: "",
    atMost: SLACK,
    detail: { p50Ms: median(values), maxMs: Math.max(...values), verifyMs: median(sessions.map((one) => one.verifyMs)) },
  }
}

/** What the first run had left when verify was called; 0 if none was under way. */
const rest = ({ runs, claimedAt }: Session): number => Math.max(0, (runs[0]?.endedAt ?? 0) - claimedAt)

export function slowFigure(sessions: readonly Session[]): Figure {
  const shares = sessions.map((one) => one.verifyMs / (rest(one) + PREPROCESS_MS + SLACK * REMAINDER_MS))
  return {
    name: "warm, tools of 30 ms: verify, as a share of what is allowed",
    value: median(shares),
    unit: "",
    atMost: 1,
    detail: {
      verifyMs: median(sessions.map((one) => one.verifyMs)),
      restMs: median(sessions.map(rest)),
      toolsMs: median(sessions.map((one) => one.toolsMs)),
      preprocesses: median(sessions.map(({ runs }) => runs.length)),
    },
  }
}

export function delayFigure(kind: string, plain: readonly number[], sessions: readonly Session[]): Figure {
  const calls = sessions.flatMap((one) => one.calls)
  const delay = (q: number): number => quantile(calls, q) - quantile(plain, q)
  const detail = { p50: delay(0.5), p95: delay(0.95), max: delay(1), plainP50: median(plain) }
  return { name: `${kind}: what recording adds to a tool call, p95`, value: delay(0.95), unit: "ms", atMost: 1, detail }
}

const roundTrips = ({ log }: Session): number => chain(log, "POST query") + chain(log, "POST verify")

export function countFigures(quick: readonly Session[], grouped: Session, old: Former, oldGrouped: Former): Figure[] {
  const polls = quick.flatMap(({ log }) => pollsPerWait(log))
  const requests = median(quick.map(({ log }) => log.length))
  const runs = Math.max(...quick.map((one) => one.runs.length))
  const records = grouped.log.filter(({ endpoint }) => endpoint === "POST query").length
  return [
    { name: "10 calls, 10 claims: requests", value: requests, unit: "", detail: { former: old.requests } },
    { name: "10 calls: preprocess runs", value: runs, unit: "", atMost: 1, detail: { former: old.preprocesses } },
    { name: "10 claims on 5 rows: records", value: records, unit: "", atMost: GROUPED, detail: { former: oldGrouped.records } },
    {
      name: "10 claims: round trips one after the other (8 at once)",
      value: median(quick.map(roundTrips)),
      unit: "",
      detail: { former: old.roundTrips },
    },
    {
      name: "polls in a wait, mean",
      value: polls.reduce((sum, one) => sum + one, 0) / polls.length,
      unit: "",
      atMost: 4,
      detail: { max: Math.max(...polls) },
    },
  ]
}

export const formerFigure = (floor: string, old: Former): Figure => ({
  name: `the former client, floor ${floor}: tools + verify`,
  value: total(old),
  unit: "ms",
  detail: { toolsMs: old.toolsMs, verifyMs: old.verifyMs, requests: old.requests },
})
