import { evaluateHandoff, recordTool, withRun } from "../../index.js"
import { call, onEachEngine, reasons } from "./scene.js"

onEachEngine("two conversations in one process never see each other's rows", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/1": { json: { v: 1 } }, "/2": { json: { v: 2 } } })
  const claims = (v: number) => [
    { action: "get", path: "v", equals: v },
    { path: "v", equals: v },
  ]
  const talk = (runId: string, v: number) =>
    withRun({ runId }, async () => {
      await call(`${server.url}/${v}`, { tool: "get" })
      return [await vouchsafe.verify(claims(1)), await vouchsafe.verify(claims(2))]
    })
  const [one, two] = await Promise.all([talk("alice", 1), talk("bob", 2)])
  t.deepEqual(one!.map(reasons), [
    ["supported", "supported"],
    ["contradicted", "contradicted"],
  ])
  t.deepEqual(two!.map(reasons), [
    ["contradicted", "contradicted"],
    ["supported", "supported"],
  ])
  t.deepEqual([one![0]!.runId, two![0]!.runId], ["alice", "bob"])
  for (const verdict of [...one!, ...two!]) t.false(JSON.stringify(verdict.claims).includes("earlier"))
  const silent = await withRun({}, ({ runId }) => {
    t.regex(runId, /^[0-9a-f-]{36}$/)
    return vouchsafe.verify(claims(1))
  })
  t.deepEqual(reasons(silent), ["no_evidence", "no_evidence"])
  t.regex(silent.claims[0]!.message, /\(last seen less than a minute ago, in another run\)/)
  t.deepEqual(reasons(await vouchsafe.verify(claims(1))), ["no_evidence", "no_evidence"])
})

onEachEngine("runId names another run, and scope \"store\" lifts the limit", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/1": { json: { v: 1 } }, "/2": { json: { v: 2 } } })
  await withRun({ runId: "first" }, () => call(`${server.url}/1`, { tool: "get" }))
  await withRun({ runId: "second" }, () => call(`${server.url}/2`, { tool: "get" }))
  const claims = [
    { action: "get", path: "v", equals: 1 },
    { path: "v", equals: 2 },
  ]
  t.deepEqual(reasons(await vouchsafe.verify(claims, { runId: "first" })), ["supported", "contradicted"])
  t.deepEqual(reasons(await vouchsafe.verify(claims, { runId: "second" })), ["contradicted", "supported"])
  t.deepEqual(reasons(await vouchsafe.verify(claims, { scope: "store" })), ["contradicted", "supported"])
  t.deepEqual(reasons(await vouchsafe.verify(claims, { scope: "run" })), ["no_evidence", "no_evidence"])
  const stored = await vouchsafe.verify([{ action: "get", path: "v", equals: 2 }], { scope: "store" })
  t.deepEqual([stored.outcome, stored.claims[0]!.proof!.covers], ["PASS", "row"])
  t.is(stored.claims[0]!.evidence!.runId, "second")
})

onEachEngine("a call, a row and a tool call are found from any run, unless the evaluator binds one", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/1": { json: { v: 1 } } })
  const callRef = await withRun({ runId: "theirs" }, () => call(`${server.url}/1`, { tool: "get", id: "call_1" }))
  const found = await vouchsafe.verify([{ callRef, path: "v", equals: 1 }])
  const claims = [
    { callRef, path: "v", equals: 1 },
    { toolCallId: "call_1", path: "v", equals: 1 },
    { rowId: found.claims[0]!.evidence!.rowId, path: "v", equals: 1 },
  ]
  t.is((await vouchsafe.verify(claims)).outcome, "PASS")
  const payload = await vouchsafe.buildHandoffPayload(claims)
  const verifierKeys = [vouchsafe.verifierKey]
  t.is((await evaluateHandoff(payload, { verifierKeys, runId: "theirs" })).outcome, "PASS")
  const bound = await evaluateHandoff(payload, { verifierKeys, runId: "ours" })
  t.deepEqual([bound.outcome, ...reasons(bound)], ["CAUGHT", "no_evidence", "no_evidence", "no_evidence"])
  t.regex(bound.claims[0]!.message, /only in another run/)
  t.deepEqual(new Set(reasons(await vouchsafe.verify(claims, { runId: "ours" }))), new Set(["no_evidence"]))
})

onEachEngine("evaluating with runId catches the action of another run", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/1": { json: { v: 1 } } })
  await withRun({ runId: "theirs" }, () => call(`${server.url}/1`, { tool: "get" }))
  const claims = [{ action: "get", path: "v", equals: 1 }, { path: "v", equals: 1 }]
  const payload = await vouchsafe.buildHandoffPayload(claims, { runId: "theirs" })
  t.is((await vouchsafe.evaluateHandoff(payload)).outcome, "PASS")
  t.is((await vouchsafe.evaluateHandoff(payload, { runId: "theirs" })).outcome, "PASS")
  const bound = await vouchsafe.evaluateHandoff(payload, { runId: "ours" })
  t.deepEqual([bound.outcome, ...reasons(bound)], ["CAUGHT", "no_evidence", "no_evidence"])
  // The payload's own word for the run changes nothing.
  const renamed = await vouchsafe.evaluateHandoff({ ...payload, run_id: "ours" }, { runId: "ours" })
  t.not(renamed.outcome, "PASS")
})

onEachEngine("what a claim needs to be absent from is said only by a recorder that watched", async (t, scene) => {
  const vouchsafe = await scene.start({ record: { http: false } })
  const server = await scene.serve({ "/1": { json: { v: 1 } } })
  await call(`${server.url}/1`, { tool: "get" })
  const verdict = await vouchsafe.verify([{ action: "get", path: "v", equals: 1 }, { callRef: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", equals: 1 }])
  t.deepEqual([verdict.outcome, ...reasons(verdict)], ["ERROR", "unverifiable", "unverifiable"])
  t.regex(verdict.claims[0]!.message, /the recorder was not watching/)
  t.deepEqual(verdict.coverage.channels, [])
  recordTool({ name: "get", output: { v: 1 } })
  const reported = await vouchsafe.verify([{ action: "get", path: "v", equals: 1 }], { expect: { kinds: ["tool"] } })
  t.is(reported.outcome, "PASS")
})

onEachEngine("agents have scopes of their own", async (t, scene) => {
  const vouchsafe = await scene.start({ agentId: "buyer" })
  const server = await scene.serve({ "/1": { json: { v: 1 } } })
  await call(`${server.url}/1`, { tool: "get" })
  t.is((await vouchsafe.verify([{ action: "get", path: "v", equals: 1 }])).outcome, "PASS")
  const other = await vouchsafe.verify([{ action: "get", path: "v", equals: 1 }], { agentId: "seller" })
  t.deepEqual(reasons(other), ["no_evidence"])
})

onEachEngine("in the store's scope a proof without its row says nothing of an action", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/1": { json: { v: 1 } } })
  await call(`${server.url}/1`, { tool: "get" })
  const claims = [{ action: "get", path: "v", equals: 1 }, { path: "v", equals: 1 }]
  const payload = await vouchsafe.buildHandoffPayload(claims, { scope: "store" })
  t.is((await vouchsafe.evaluateHandoff(payload, { scope: "store" })).outcome, "PASS")
  for (const bundle of Object.values(payload["proofs"] as Record<string, { rows: unknown[] }>)) bundle.rows = []
  for (const options of [{}, { claims }]) {
    const verdict = await vouchsafe.evaluateHandoff(payload, { scope: "store", ...options })
    t.deepEqual(reasons(verdict), ["unverifiable", "unverifiable"])
  }
})
