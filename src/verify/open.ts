/** Exchanges of a claim's own signature that are still under way when it is verified. */

import type { Claim, WireClaim } from "../claims/claim.js"
import { openExchanges, type OpenExchange } from "../recorder/open.js"

/** How long a verification waits for them. */
const PATIENCE_MS = 1_000

/** What claims are looked at under. */
export interface Scope {
  agentId: string
  runId: string | null
  store: boolean
}

/** Waits for the open exchanges that claims ask about; the positions of the claims whose exchanges did not end. */
export async function waitForOpen(
  claims: readonly (Claim | WireClaim)[],
  scope: Scope,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const open = [...openExchanges()].filter((exchange) => exchange.kind === 0)
  if (open.length === 0) return []
  const asked = claims.map((claim) => open.filter((exchange) => asks(claim, exchange, scope)))
  const ended = new Set<OpenExchange>()
  const wanted = new Set(asked.flat())
  if (wanted.size === 0) return []
  const endings = [...wanted].map((exchange) => exchange.done.then(() => ended.add(exchange)))
  let enough = (): void => {}
  const patience = new Promise<void>((resolve) => {
    enough = resolve
  })
  const timer = setTimeout(enough, Math.min(PATIENCE_MS, timeoutMs))
  signal?.addEventListener("abort", enough, { once: true })
  await Promise.race([Promise.all(endings), patience])
  signal?.removeEventListener("abort", enough)
  clearTimeout(timer)
  signal?.throwIfAborted()
  return asked.flatMap((exchanges, position) => (exchanges.every((one) => ended.has(one)) ? [] : [position]))
}

function asks(claim: Claim | WireClaim, exchange: OpenExchange, scope: Scope): boolean {
  const { context, agentId, runId } = exchange
  const { rowId, callRefs, toolCallId, action, agent } = selectors(claim)
  if (rowId !== undefined) return false
  if (callRefs.length > 0) return callRefs.includes(context.callRef ?? "")
  if (toolCallId !== undefined) return context.toolCallId === toolCallId
  const sameAgent = agentId === (agent ?? scope.agentId)
  if (!sameAgent || !(scope.store || runId === scope.runId)) return false
  return action === undefined || action === (context.actionName ?? defaultAction(exchange))
}

/** What a claim asks for, in either form. */
function selectors(claim: Claim | WireClaim) {
  if (!("verification_mode" in claim)) {
    const { rowId, callRef, toolCallId, action, agentId } = claim
    return { rowId, callRefs: callRef === undefined ? [] : [callRef.toLowerCase()], toolCallId, action, agent: agentId }
  }
  const wire = claim as { call_ref?: unknown; action_name?: unknown; claimed_value?: unknown }
  const values = Array.isArray(wire.claimed_value) ? (wire.claimed_value as { sourcerykit_ref?: unknown }[]) : []
  const refs = [wire.call_ref, ...values.map((value) => value?.sourcerykit_ref)]
  return {
    rowId: undefined,
    callRefs: refs.filter((ref) => typeof ref === "string" && ref !== "").map((ref) => (ref as string).toLowerCase()),
    toolCallId: undefined,
    action: typeof wire.action_name === "string" ? wire.action_name : undefined,
    agent: undefined,
  }
}

function defaultAction({ method, url }: OpenExchange): string {
  if (!URL.canParse(url)) return ""
  const { host, pathname } = new URL(url)
  return `${method.toUpperCase()} ${host}${pathname}`
}
