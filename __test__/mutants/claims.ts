/** Claims of every kind, true ones and false ones, on what `recorded` records. */

import type { Claim } from "../../index.js"

const ref = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`

/** References that are the same in every log, so that one log's answer looks like another's. */
export const [PAGES, MOVED, FLAKY, LONG, NEVER] = [ref(1), ref(2), ref(3), ref(4), ref(5)]

/** One payload for each group: small, so that a mutation meets something that matters. */
export const GROUPS: Record<string, Claim[]> = {
  call: [
    { callRef: PAGES, path: "v", equals: 12 },
    { callRef: PAGES, path: "of", equals: 3 },
    { callRef: PAGES, path: "v", between: { min: 1, max: 1000 } },
    { callRef: PAGES, path: "v", equals: "12" },
    { callRef: PAGES, path: "v", equals: 99 },
  ],
  toolCall: [
    { toolCallId: "toolu_1", path: "v", equals: 11 },
    { toolCallId: "toolu_1", path: "v", equals: 99 },
  ],
  hops: [
    { callRef: MOVED, path: "v", equals: 14 },
    { callRef: MOVED, part: "status", equals: 302 },
    { callRef: FLAKY, path: "v", equals: 15 },
    { callRef: FLAKY, part: "status", equals: 503 },
  ],
  action: [
    { action: "near", path: "v", equals: 17 },
    { action: "near", path: "v", equals: 27 },
    { action: "far", path: "v", equals: 10 },
    { action: "far", path: "v", approx: { value: 18, abs: 0.5 } },
    { action: "far", agentId: "other", path: "v", equals: 19 },
  ],
  latest: [
    { path: "v", equals: 17 },
    { path: "v", between: { max: 9 } },
    { agentId: "other", path: "v", equals: 19 },
  ],
  absent: [
    { action: "never", path: "v", equals: 1 },
    { callRef: NEVER, path: "v", equals: 1 },
    { toolCallId: "never", path: "v", equals: 1 },
    { agentId: "nobody", path: "v", equals: 1 },
    { rowId: NEVER, path: "v", equals: 1 },
    { action: "near", path: "v", equals: 17 },
  ],
  parts: [
    { action: "echo", part: "request", path: "body.q", equals: 1 },
    { action: "echo", part: "request", path: "method", equals: "GET" },
    { action: "echo", part: "headers", path: "content-type", contains: "json" },
    { action: "echo", url: "https://prices.example.com/", path: "v", equals: 13 },
    { action: "fail", path: "v", equals: 1 },
    { action: "fail", part: "status", equals: 200 },
    { action: "noted", path: "v", equals: 16 },
    { action: "noted", path: "v", equals: 16, maxAgeMs: 60_000 },
  ],
  // What they say goes by their content type.
  typed: [
    { action: "events", path: "v", equals: 1 },
    { action: "events", matches: { type: "array" } },
    { action: "latin", path: "v", equals: "é" },
    { action: "latin", path: "v", contains: "\ufffd" },
    { action: "sent", part: "request", path: "body.v", equals: 1 },
    { action: "sent", part: "request", path: "body", matches: { type: "array" } },
  ],
}

/** Claims on an action of which an exchange is still under way. */
export const OPEN: Claim[] = [
  { action: "open", path: "v", equals: 5 },
  { action: "open", path: "v", equals: 4 },
  { path: "v", equals: 5 },
]

/** Claims that are looked at in the whole store. */
export const STORED: Claim[] = [
  { action: "far", path: "v", equals: 18 },
  { action: "near", path: "v", equals: 17 },
  { path: "v", equals: 99 },
  { action: "never", path: "v", equals: 1 },
]

/** Claims on a call of which only the newest exchanges are given. */
export const LONG_ONES: Claim[] = [
  { callRef: LONG, path: "v", equals: 259 },
  { callRef: LONG, path: "v", equals: 100 },
  { callRef: LONG, path: "v", equals: 99_999 },
]
