/** Tool calls in a row, then claims on them. */

import { type Vouchsafe, withTool } from "../../index.js"
import { nowMs } from "../stub/clock.js"
import type { Logged } from "../stub/log.js"
import type { Run } from "../stub/preprocess.js"
import type { Stub } from "../stub/start.js"
import { CALLS } from "./latencies.js"

export interface Session {
  toolsMs: number
  verifyMs: number
  /** What each tool call took, in ms. */
  calls: number[]
  log: Logged[]
  /** The preprocess runs that it made. */
  runs: Run[]
  /** When verify was called. */
  claimedAt: number
}

/** One call of the tool; resolves to its reference. */
export const callTool = (url: string): Promise<string> =>
  withTool({ name: "price" }, async ({ callRef }) => {
    await (await fetch(url)).json()
    return callRef
  })

/** Ten claims, spread over `rows` calls; all are true. */
export async function session(vouchsafe: Vouchsafe, stub: Stub, url: string, rows = CALLS): Promise<Session> {
  await stub.forget()
  const before = (await stub.stats()).preprocesses.length
  const calls: number[] = []
  const refs: string[] = []
  const began = nowMs()
  for (let call = 0; call < rows; call++) {
    const called = nowMs()
    refs.push(await callTool(url))
    calls.push(nowMs() - called)
  }
  const claimedAt = nowMs()
  const claims = Array.from({ length: CALLS }, (_, n) => ({ callRef: refs[n % rows]!, path: "price", equals: 42 }))
  const verdict = await vouchsafe.verify(claims, { allowBackendTrust: true })
  const verifyMs = nowMs() - claimedAt
  if (verdict.outcome !== "PASS") throw new Error(`true claims came out as ${JSON.stringify(verdict)}`)
  const runs = (await stub.stats()).preprocesses.slice(before)
  return { toolsMs: claimedAt - began, verifyMs, calls, log: await stub.log(), runs, claimedAt }
}
