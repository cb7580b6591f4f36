/** Queries: which rows a claim asks for. */

import { malformed } from "./failure.js"
import type { CanonicalRow } from "./row.js"
import { nullable, object, type Reader, text } from "./shape.js"
import { tag } from "./tag.js"

/** One shape for each selector of a claim; a `run` of null is rows without a run. */
export type Query =
  | { row: string }
  | { call: string }
  | { toolCall: string }
  | { action: string; agent: string; run: string | null }
  | { agent: string; run: string | null }

const BY_KEYS: Record<string, Reader<Query>> = {
  row: object({ row: text }),
  call: object({ call: text }),
  toolCall: object({ toolCall: text }),
  "action,agent,run": object({ action: text, agent: text, run: nullable(text) }),
  "agent,run": object({ agent: text, run: nullable(text) }),
}

export const query: Reader<Query> = (value, at) => {
  const keys = value instanceof Map ? [...value.keys()].toSorted().join(",") : ""
  if (!Object.hasOwn(BY_KEYS, keys)) throw malformed(`${at} is none of the forms that a query has`)
  return BY_KEYS[keys]!(value, at)
}

/** Whether the row answers the query; only a query by row id reaches the kinds that are not indexed. */
export function selects(query: Query, row: CanonicalRow): boolean {
  if ("row" in query) return row.id === query.row
  if (row.kind !== "http" && row.kind !== "tool") return false
  if ("call" in query) return row.call_ref === query.call
  if ("toolCall" in query) return row.tool_call_id === query.toolCall
  if ("action" in query && row.action_name !== query.action) return false
  return row.agent_id === query.agent && (row.run_id ?? "") === (query.run ?? "")
}

/** The key of the map under which the rows that answer are listed; null for a query by row id, which needs no map. */
export function mapKey(query: Query): Uint8Array | null {
  if ("row" in query) return null
  if ("call" in query) return tag("call", query.call)
  if ("toolCall" in query) return tag("toolcall", query.toolCall)
  if ("action" in query) return tag("action", query.run ?? "", query.agent, query.action)
  return tag("agent", query.run ?? "", query.agent)
}
