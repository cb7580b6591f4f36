/** What is so in each log at each checkpoint, as its own engine says it of payloads that nobody has touched. */

import { isDeepStrictEqual } from "node:util"
import type { Claim, ClaimVerdict, Verdict } from "../../index.js"

type Evidence = NonNullable<ClaimVerdict["evidence"]>

export class Truth {
  readonly #said = new Map<string, ClaimVerdict[]>()
  readonly #checkpoints = new Map<string, string>()

  /** Takes the verdict on an unchanged payload of this agent. */
  add(verdict: Verdict, agent: string): void {
    const { size, root } = verdict.checkpoint!
    this.#checkpoints.set(root, size)
    for (const one of verdict.claims) this.#add([root, scopeOf(one.claim, agent, verdict.runId), text(one.claim)], one)
  }

  /** Takes verdicts on one row each: in the store's scope any row of its action answers a claim on that. */
  addStored(verdict: Verdict, claims: Claim[], agent: string): void {
    const { root } = verdict.checkpoint!
    verdict.claims.forEach((one, at) => this.#add([root, `stored ${agent}`, text(claims[at]!)], one))
  }

  #add(key: string[], verdict: ClaimVerdict): void {
    const at = key.join(" ")
    this.#said.set(at, [...(this.#said.get(at) ?? []), verdict])
  }

  /** Whether there is such a checkpoint. */
  has({ size, root }: { size: string; root: string }): boolean {
    return this.#checkpoints.get(root) === size
  }

  /** Whether a PASS under this checkpoint is so, with this value and this evidence. */
  supports(passed: ClaimVerdict, root: string, agent: string, run: string, isStored: boolean): boolean {
    const scopes = [scopeOf(passed.claim, agent, run), ...(isStored ? [`stored ${passed.claim.agentId ?? agent}`] : [])]
    const said = scopes.flatMap((scope) => this.#said.get([root, scope, text(passed.claim)].join(" ")) ?? [])
    return said.some((one) => one.outcome === "PASS" && isSame(one, passed))
  }
}

/** In whose and which run's exchanges a claim looks, where it names none itself. */
function scopeOf(claim: Claim, agent: string, run: string): string {
  const isBound = claim.rowId ?? claim.callRef ?? claim.toolCallId
  return isBound === undefined ? `run ${claim.agentId ?? agent} ${run}` : "any"
}

/** The claim's JSON, whatever the order of its keys. */
export function text(claim: unknown): string {
  return JSON.stringify(claim, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

/** Whether two verdicts rest on the same: value, exchange, place in the log. */
export function isSame(one: ClaimVerdict, other: ClaimVerdict): boolean {
  const [ours, theirs] = [one.evidence!, other.evidence!]
  const where = ({ proof }: ClaimVerdict) => [proof!.index, proof!.size, proof!.root, proof!.trust]
  return (
    isDeepStrictEqual([one.actual, one.claimed, one.path], [other.actual, other.claimed, other.path]) &&
    isDeepStrictEqual([exchange(ours), where(one)], [exchange(theirs), where(other)]) &&
    // A URL can be withheld, and is not another one then.
    (ours.url === theirs.url || theirs.url === null)
  )
}

/** The exchange itself: its record's name and how many were looked at are the payload's affair. */
const exchange = ({ queryId: _id, candidates: _count, url: _url, ...rest }: Evidence) => rest
