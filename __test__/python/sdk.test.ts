/** The unmodified Python SDK, from bootstrap to verdict, against `vouchsafe serve` and a real PostgreSQL. */

import { randomUUID } from "node:crypto"
import { join } from "node:path"
import test from "ava"
import { runCli } from "../cli/run-cli.js"
import { printed, project, python, startScene, verifierKey, type Project, type Scene } from "./sdk.js"

interface Recorded {
  refs: string[]
  ids: Record<string, string>
  payload: { claims: { query_id: string; call_ref: string }[]; build_errors: string[]; integration_api_key: string }
}

interface Verdict {
  outcome: "PASS" | "CAUGHT" | "ERROR"
  per_claim: { result: string; action_name: string; detail?: string }[]
  errors: string[]
}

const started = await startScene()
// One after the other: each starts several processes.
const here = "skip" in started ? test.skip : test.serial
const why = "skip" in started ? ` (skipped: ${started.skip})` : ""
const scene = started as Scene

test.after.always(() => scene.close?.())

const agent = async (own: Project, todo: object): Promise<Recorded> =>
  printed(await python(scene, own, "agent.py", { trusted: [scene.tool.url], ...todo }))

const evaluate = async (own: Project, payload: unknown): Promise<Verdict> =>
  printed(await python(scene, own, "evaluator.py", payload))

const value = (path: string, text: string, call = 0) => ({ path, value: text, sourcerykit_ref: `ref:${call}` })
const values = (...claimed: ReturnType<typeof value>[]) => ({ action_name: "get_quote", claimed_value: claimed })
const between = (claimed: number, min: number, max: number, path = "price", call = 0) => ({
  action_name: "get_quote",
  call_ref: `ref:${call}`,
  verification_mode: "range_threshold",
  json_path: path,
  claimed_value: claimed,
  range_min: min,
  range_max: max,
})
const get = (path: string, client = "httpx") => ({ tool: "get_quote", url: `${scene.tool.url}${path}`, client })

here(`true claims are PASS: strings, numbers, nested values, a range; several on one call, and over several calls${why}`, async (t) => {
  const own = await project(scene)
  const { payload } = await agent(own, {
    calls: [get("/quote"), get("/items"), get("/text")],
    claims: [
      values(value("price", "42"), value("$.name", "ACME"), value("deep.list[2].x", "2.5"), value("open", "True")),
      values(value("deep.list[2].größe", "ö"), value("deep.list", '[1, 2, {"größe": "ö", "x": 2.5}]')),
      // The SDK makes a claim for each call of these.
      values(value("name", "ACME"), value("items[2]", "6", 1), value("text", "plain words", 2)),
      between(42, 40, 45),
      between(3, 1, 5, "items", 1),
    ],
  })
  t.deepEqual(payload.build_errors, [])
  t.is(payload.claims.length, 7)
  const verdict = await evaluate(own, payload)
  t.deepEqual(verdict.errors, [])
  t.deepEqual(
    verdict.per_claim.map(({ result }) => result),
    Array.from({ length: 7 }, () => "PASS"),
  )
  t.is(verdict.outcome, "PASS")
  const stored = await scene.postgres.psql(own.database, "SELECT DISTINCT outcome FROM trace_intercepts")
  t.is(stored, "PASS")
})

here(`a false value, one outside its range and another than the one in the range are CAUGHT, whatever else is true${why}`, async (t) => {
  const own = await project(scene)
  const claims = [values(value("price", "42")), values(value("price", "43")), between(42, 50, 60), between(41, 40, 45)]
  const { payload } = await agent(own, { calls: [get("/quote")], claims })
  const verdict = await evaluate(own, payload)
  t.is(verdict.outcome, "CAUGHT")
  t.deepEqual(verdict.errors, [])
  t.deepEqual(
    verdict.per_claim.map(({ result }) => result),
    ["PASS", "CAUGHT", "CAUGHT", "CAUGHT"],
  )
  t.regex(verdict.per_claim[2]!.detail!, /below range_min/)
  t.regex(verdict.per_claim[3]!.detail!, /does not match/)
})

here(`no claims, claims on calls that were never made, and claims that the SDK cannot carry are ERROR and say why${why}`, async (t) => {
  const own = await project(scene)
  const unknown = { action_name: "get_quote", claimed_value: [{ path: "price", value: "42", sourcerykit_ref: randomUUID() }] }
  const { payload } = await agent(own, {
    calls: [get("/quote"), get("/list")],
    // The SDK's own claims have no room for a body that is a list.
    claims: [unknown, values(value("price", "42")), values(value("[0]", "1", 1))],
  })
  t.is(payload.claims.length, 1)
  t.regex(payload.build_errors[0]!, /dropped: No intercept found/)
  t.regex(payload.build_errors[1]!, /dropped: .*HandoffClaim/)
  const dropped = await evaluate(own, payload)
  t.is(dropped.outcome, "ERROR")
  t.deepEqual(dropped.errors, payload.build_errors)
  const none = await evaluate(own, { ...payload, claims: [], build_errors: [] })
  t.is(none.outcome, "ERROR")
  t.regex(none.errors[0]!, /no claims were verified/)
})

here(`a row that is edited after its commit is never PASS, neither before the payload is made nor after${why}`, async (t) => {
  const own = await project(scene)
  const claims = [values(value("price", "43"))]
  const edit = (price: number) =>
    scene.postgres.psql(own.database, `UPDATE intercepts SET raw_response = '{"price": ${price}}' RETURNING 1`)

  const { refs, payload } = await agent(own, { calls: [get("/quote")], claims })
  t.is((await evaluate(own, payload)).outcome, "CAUGHT")
  t.is(await edit(43), "1")
  const [after, made] = await Promise.all([
    evaluate(own, payload),
    // The agent makes its claim anew, on the call of before.
    agent(own, { claims: [{ ...claims[0], claimed_value: [{ path: "price", value: "43", sourcerykit_ref: refs[0] }] }] }),
  ])
  t.is(after.outcome, "ERROR")
  t.regex(after.errors[0]!, /proof verification failed/)
  t.deepEqual(made.payload.claims, [])
  t.regex(made.payload.build_errors[0]!, /proof generation failed/)
  t.is((await evaluate(own, made.payload)).outcome, "ERROR")
})

here(`a row that is deleted after its commit is never PASS${why}`, async (t) => {
  const own = await project(scene)
  const { payload } = await agent(own, { calls: [get("/quote")], claims: [values(value("price", "42"))] })
  await scene.postgres.psql(own.database, "DELETE FROM trace_intercepts; DELETE FROM intercepts")
  const verdict = await evaluate(own, payload)
  t.is(verdict.outcome, "ERROR")
  t.regex(verdict.errors[0]!, /proof verification failed/)
})

here(`a second bootstrap gets the ids and the key of the first, another database gets its own${why}`, async (t) => {
  const own = await project(scene)
  const first = await agent(own, {})
  const second = await agent(own, { calls: [get("/quote")], claims: [values(value("price", "42"))] })
  t.deepEqual(second.ids, first.ids)
  t.regex(first.ids["integration_key"]!, /^i-/)
  const other = { ...(await project(scene)), orgId: own.orgId, name: "another" }
  const third = await agent(other, {})
  t.is(third.ids["middleware_id"], first.ids["middleware_id"])
  t.not(third.ids["database_id"], first.ids["database_id"])
  t.not(third.ids["table_id"], first.ids["table_id"])
})

here(`what requests fetches, and what httpx posts, is recorded and proven too${why}`, async (t) => {
  const own = await project(scene)
  const { payload } = await agent(own, {
    calls: [get("/quote", "requests"), { ...get("/quote"), json: { symbol: "ACME" } }],
    claims: [values(value("price", "42"), value("name", "ACME", 1))],
  })
  t.is((await evaluate(own, payload)).outcome, "PASS")
  const sent = await scene.postgres.psql(own.database, "SELECT request_payload FROM intercepts ORDER BY created_at")
  t.deepEqual(sent.split("\n"), ["{}", '{"json": {"symbol": "ACME"}}'])
})

here(`a wrong token ends the bootstrap, and a wrong key the evaluation${why}`, async (t) => {
  const own = await project(scene)
  const refused = await python({ ...scene, token: "nobody's" }, own, "agent.py", {})
  t.not(refused.exitCode, 0)
  const { payload } = await agent(own, { calls: [get("/quote")], claims: [values(value("price", "42"))] })
  // Another organization's key opens nothing here either.
  const { payload: theirs } = await agent(await project(scene), {})
  for (const integration_api_key of ["i-nobody's", theirs.integration_api_key]) {
    const verdict = await evaluate(own, { ...payload, integration_api_key })
    t.not(verdict.outcome, "PASS")
    t.regex(verdict.errors[0]!, /trust gate/)
  }
})

here(`the table's log is a folder as any agent's: its key is the one that the server names, and an audit finds nothing${why}`, async (t) => {
  const own = await project(scene)
  const { ids } = await agent(own, { calls: [get("/quote")] })
  const dir = join(scene.server.logs!, ids["table_id"]!)
  const path = `api/v1/organizations/${own.orgId}/middlewares/${ids["middleware_id"]}/tables/${ids["table_id"]}/checkpoint`
  const headers = { authorization: `Bearer ${scene.token}` }
  const { vkey } = (await (await fetch(`${scene.server.url}/${path}`, { headers })).json()) as { vkey: string }
  t.is(await verifierKey(scene, own), vkey)
  const audit = await runCli(["audit", "--dir", dir, "--json"])
  t.like(JSON.parse(audit.stdout), { ok: true, rows: 1 })
})
