/** Two logs of one name, one of them at two checkpoints, with payloads of each and the truth about each. */

import type { IncomingMessage, ServerResponse } from "node:http"
import { join } from "node:path"
import {
  evaluateHandoff,
  recordTool,
  withInterceptorContext,
  withRun,
  withTool,
  type BuildPayloadOptions,
  type Claim,
  type EvaluateHandoffOptions,
  type HandoffPayload,
  type Verdict,
  type Vouchsafe,
} from "../../index.js"
import { call, type Scene } from "../conformance/scene.js"
import { json } from "../servers/server.js"
import { FLAKY, GROUPS, LONG, LONG_ONES, MOVED, OPEN, PAGES, STORED } from "./claims.js"
import { Truth } from "./truth.js"

/** A valid payload, and what it is evaluated with. */
export interface Valid {
  name: string
  payload: HandoffPayload
  claims: Claim[]
  options: EvaluateHandoffOptions
  /** As it is evaluated without any change. */
  verdict: Verdict
  /** The same by an evaluator with these claims of its own, bound to the run `BOUND`. */
  bound: Verdict
}

/** The run that most is asked of. */
export const BOUND = "r1"

export interface Recorded {
  /** Small payloads, for most mutations. */
  small: Valid[]
  /** Those of more than 256 exchanges. */
  large: Valid[]
  truth: Truth
}

const RUNS = [BOUND, "r2"]
const AGENTS = ["_default", "other", "nobody"]

/** Records everything and builds the payloads; `base` is added to each value. */
export async function recorded(scene: Scene): Promise<Recorded> {
  const url = await served(scene)
  const all: Recorded = { small: [], large: [], truth: new Truth() }
  const origin = "mutants.example/log"
  const verifierKeys: string[] = []
  const one = await scene.start({ dir: join(scene.folder, "one"), origin })
  await open(one, url, all)
  await everything(url, 0)
  await payloads(one, "first", all)
  const after = await one.commit()
  await everything(url, 10)
  await payloads(one, "later", all)
  all.small.push(await built(one, "call (extended)", GROUPS["call"]!, { after }, { after }))
  verifierKeys.push(one.verifierKey)
  await one.shutdown()
  const other = await scene.start({ dir: join(scene.folder, "other"), origin })
  await little(url, 0)
  await payloads(other, "other", all)
  verifierKeys.push(other.verifierKey)
  await other.shutdown()
  for (const valid of [...all.small, ...all.large]) {
    valid.options.verifierKeys = verifierKeys
    const { payload, claims, options } = valid
    valid.verdict = await evaluateHandoff(payload, options)
    valid.bound = await evaluateHandoff(payload, { ...options, claims, runId: BOUND })
  }
  return all
}

async function served(scene: Scene): Promise<string> {
  const value = (request: IncomingMessage): number => Number(/\bv=(\d+)/.exec(request.url!)![1])
  const typed = (type: string, bytes: Buffer | string) => (_: unknown, response: ServerResponse) =>
    void response.writeHead(200, { "content-type": type }).end(bytes)
  let attempts = 0
  let held: ServerResponse | null = null
  const { url } = await scene.serve({
    "/v": (request, response) => json(response, { v: value(request), of: 3 }),
    "/old": (request, response) => response.writeHead(302, { location: `/v?v=${value(request)}` }).end(),
    "/flaky": (request, response) => json(response, { v: value(request) }, attempts++ % 2 === 0 ? 503 : 200),
    "/held": (_request, response) => void (held = response),
    "/let-go": (_request, response) => {
      json(held!, { v: 6 })
      response.end()
    },
    "/fail": { json: { v: 0 }, status: 500 },
    "/events": typed("text/event-stream", '{"v":1}'),
    "/latin": typed("text/plain; charset=iso-8859-1", Buffer.from('{"v":"é"}', "latin1")),
  })
  return url
}

/** Rows for each claim, those of `near` last, those of `far` too far back for a scan. */
async function everything(url: string, base: number): Promise<void> {
  const get = (v: number, tool: string): Promise<string> => call(`${url}/v?v=${v + base}`, { tool })
  await little(url, base)
  await withRun({ runId: "r1" }, async () => {
    await withInterceptorContext({ callRef: MOVED, actionName: "moved" }, () => fetched(`${url}/old?v=${14 + base}`))
    await withInterceptorContext({ callRef: FLAKY, actionName: "flaky" }, async () => {
      for (let attempt = 0; attempt < 2; attempt++) await fetched(`${url}/flaky?v=${15 + base}`)
    })
    await call(`${url}/v?v=${13 + base}`, { tool: "echo", method: "POST", body: '{"q":1}' })
    const headers = { "content-type": "text/event-stream" }
    await call(`${url}/v?v=1`, { tool: "sent", method: "POST", headers, body: '{"v":1}' })
    for (const name of ["fail", "events", "latin"]) await call(`${url}/${name}`, { tool: name })
    recordTool({ name: "noted", output: { v: 16 + base }, endedAt: Date.now() - 3_600_000 })
    await withInterceptorContext({ callRef: LONG }, () => {
      for (let v = 0; v < 260; v++) recordTool({ name: "long", output: { v: v + base } })
    })
    await get(17, "near")
  })
}

async function little(url: string, base: number): Promise<void> {
  const get = (v: number, tool: string): Promise<string> => call(`${url}/v?v=${v + base}`, { tool })
  await withRun({ runId: "r1" }, async () => {
    await get(10, "far")
    await withTool({ name: "pages", id: "toolu_1" }, () =>
      withInterceptorContext({ callRef: PAGES }, async () => {
        for (const v of [11, 12, 13]) await fetched(`${url}/v?v=${v + base}`)
      }),
    )
    await withInterceptorContext({ agentId: "other" }, () => get(19, "far"))
  })
  await withRun({ runId: "r2" }, () => get(18, "far"))
}

async function fetched(url: string): Promise<void> {
  await (await fetch(url)).arrayBuffer()
}

/** A payload that was built while an exchange was under way. */
async function open(vouchsafe: Vouchsafe, url: string, all: Recorded): Promise<void> {
  const context = { agentId: "waiting", actionName: "open", runId: "r1" }
  const get = (path: string): Promise<void> => withInterceptorContext(context, () => fetched(url + path))
  await get("/v?v=5")
  const running = get("/held")
  const valid = await built(vouchsafe, "open", OPEN, { agentId: "waiting" })
  all.small.push(valid)
  all.truth.add(await evaluateHandoff(valid.payload, valid.options), "waiting")
  await fetched(`${url}/let-go`)
  await running
}

const EXPECT = { kinds: ["http" as const, "tool" as const] }

async function built(
  vouchsafe: Vouchsafe,
  name: string,
  claims: Claim[],
  build: BuildPayloadOptions = {},
  evaluate: EvaluateHandoffOptions = {},
): Promise<Valid> {
  const payload = await vouchsafe.buildHandoffPayload(claims, { runId: "r1", ...build })
  return { name, payload, claims, options: { expect: EXPECT, ...evaluate }, verdict: null!, bound: null! }
}

async function payloads(vouchsafe: Vouchsafe, when: string, all: Recorded): Promise<void> {
  await vouchsafe.commit()
  const build = (name: string, ...rest: [Claim[], BuildPayloadOptions?, EvaluateHandoffOptions?]): Promise<Valid> =>
    built(vouchsafe, `${name} (${when})`, ...rest)
  for (const [name, claims] of Object.entries(GROUPS)) {
    all.small.push(await build(name, claims))
  }
  for (const disclose of ["fields", "none"] as const) {
    all.small.push(await build(`parts, ${disclose}`, GROUPS["parts"]!, { disclose }))
  }
  all.small.push(await build("another run", GROUPS["action"]!, { runId: "r2" }))
  const rows = all.small.flatMap(({ payload }) => rowsOf(payload))
  const byRow = rows.slice(-3).flatMap(({ id }) => [17, 18].map((equals): Claim => ({ rowId: id, path: "v", equals })))
  all.small.push(await build("row", byRow))
  all.small.push(await build("store", STORED, { scope: "store" }, { scope: "store" }))
  const long = await build("long", LONG_ONES)
  if (rowsOf(long.payload).length > 0) all.large.push(long)
  const said = async (claims: Claim[], options: BuildPayloadOptions): Promise<Verdict> =>
    evaluateHandoff(await vouchsafe.buildHandoffPayload(claims, options), { expect: EXPECT })
  const every = [...Object.values(GROUPS).flat(), ...STORED, ...LONG_ONES, ...byRow]
  for (const runId of RUNS) {
    for (const agentId of AGENTS) {
      all.truth.add(await said(every, { runId, agentId }), agentId)
    }
  }
  const ids = [...new Map(rows.map((row) => [row.id, row])).values()]
  for (const row of ids) {
    const asked = STORED.filter(({ action }) => action === undefined || action === row.action_name)
    const claims = asked.map(({ path, equals }): Claim => ({ rowId: row.id, path: path!, equals: equals! }))
    if (claims.length > 0) all.truth.addStored(await said(claims, {}), asked, row.agent_id)
  }
}

interface Row {
  id: string
  agent_id: string
  action_name: string
}

function rowsOf(payload: HandoffPayload): Row[] {
  const proofs = Object.values(payload["proofs"] as Record<string, { rows: { row: Row }[] }>)
  return proofs.flatMap(({ rows }) => rows.map(({ row }) => row))
}
