/** One run of the agent: tool calls, claims, the verdict, and the payload for somebody else to check. */

import { withRun, type Claim, type HandoffPayload, type Outcome, type Verdict, type Vouchsafe } from "../../../index.js"
import { askTools, type ToolCall } from "./agent.js"
import { watchPreprocess } from "./preprocess.js"

/** What a run does, and what should come of it. */
export interface Scenario {
  name: string
  title: string
  expected: Outcome
  claims(calls: readonly ToolCall[]): Claim[]
}

/** What came of it; times are of `performance.now()`. */
export interface RunReport {
  scenario: Scenario
  calls: readonly ToolCall[]
  claims: readonly Claim[]
  verifying: { from: number; to: number }
  /** When each preprocess run was seen. */
  preprocessed: readonly number[]
  verdict: Verdict
  payload: HandoffPayload
}

/** Lets the agent work and checks what it claims. */
export async function runScenario(
  vouchsafe: Vouchsafe,
  registry: string,
  packages: readonly string[],
  scenario: Scenario,
): Promise<RunReport> {
  const watch = watchPreprocess(vouchsafe)
  try {
    return await withRun({}, async () => {
      const calls = await askTools(registry, packages)
      const claims = scenario.claims(calls)
      watch.look()
      const from = performance.now()
      const verdict = await vouchsafe.verify(claims)
      const verifying = { from, to: performance.now() }
      watch.look()
      const payload = await vouchsafe.buildHandoffPayload(claims)
      return { scenario, calls, claims, verifying, preprocessed: [...watch.seen], verdict, payload }
    })
  } finally {
    watch.stop()
  }
}

/** How many preprocess runs there were while the tools worked, and how many because verify asked. */
export function preprocessRuns({ preprocessed, verifying }: RunReport): { background: number; atVerify: number } {
  const background = preprocessed.filter((at) => at <= verifying.from).length
  return { background, atVerify: preprocessed.length - background }
}

/** Is the verdict what it should be: everything supported, or exactly the invented value contradicted? */
export function asExpected(scenario: Scenario, verdict: Verdict): boolean {
  const wrong = verdict.claims.filter((claim) => claim.outcome !== "PASS")
  if (verdict.outcome !== scenario.expected) return false
  return scenario.expected === "PASS" ? wrong.length === 0 : wrong.length === 1 && wrong[0]?.reason === "contradicted"
}
