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
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const open = [...openExchanges()].filter((exchange) => exchange.kind === 0)
  if (open.length === 0) return []
  const asked = claims.map((claim) => open.filter((exchange) => asks(claim as Claim, exchange, scope)))
  const ended = new Set<OpenExchange>()
  const wanted = new Set(asked.flat())
  if (wanted.size === 0) return []
  const endings = [...wanted].map((exchange) => exchange.done.then(() => ended.add(exchange)))
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS)
    signal?.addEventListener("abort", () => resolve(), { once: true })
  })
  await Promise.race([Promise.all(endings), patience])
  clearTimeout(timer)
  signal?.throwIfAborted()
  return asked.flatMap((exchanges, position) => (exchanges.every((one) => ended.has(one)) ? [] : [position]))
}

function asks(claim: Claim, exchange: OpenExchange, scope: Scope): boolean {
  const { context, agentId, runId } = exchange
  if (claim.rowId !== undefined) return false
  if (claim.callRef !== undefined) return context.callRef === claim.callRef.toLowerCase()
  if (claim.toolCallId !== undefined) return context.toolCallId === claim.toolCallId
  const sameAgent = agentId === (claim.agentId ?? scope.agentId)
  if (!sameAgent || !(scope.store || runId === scope.runId)) return false
  return claim.action === undefined || claim.action === (context.actionName ?? defaultAction(exchange))
}

function defaultAction({ method, url }: OpenExchange): string {
  if (!URL.canParse(url)) return ""
  const { host, pathname } = new URL(url)
  return `${method.toUpperCase()} ${host}${pathname}`
}
