import { InvalidOptionError, recordTool, withInterceptorContext } from "../../index.js"
import { bodyOf } from "../servers/server.js"
import { call, onEachEngine, reasons } from "./scene.js"

onEachEngine("an echo server passes without expect and is caught with it", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/echo": (request, response) => void bodyOf(request).then((body) => response.end(body)),
  })
  const callRef = await call(`${server.url}/echo`, { method: "POST", body: '{"price":42}' })
  const claim = { callRef, path: "price", equals: 42 }
  t.is((await vouchsafe.verify([claim])).outcome, "PASS")
  const verdict = await vouchsafe.verify([claim], { expect: { endpoints: ["https://prices.example.com"] } })
  t.deepEqual([verdict.outcome, ...reasons(verdict)], ["CAUGHT", "untrusted_endpoint"])
  t.regex(verdict.claims[0]!.message, /its URL http:\/\/127\.0\.0\.1:\d+\/echo is not among the endpoints/)
})

onEachEngine("expect is applied to the proven row, never to the claim's own fields", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/v1/price": { json: { v: 1 } }, "/v1evil/price": { json: { v: 1 } } })
  const good = await call(`${server.url}/v1/price`, { tool: "price" })
  const evil = await withInterceptorContext({ agentId: "intruder" }, () =>
    call(`${server.url}/v1evil/price`, { tool: "price" }),
  )
  const claims = [
    { callRef: good, path: "v", equals: 1 },
    { callRef: evil, path: "v", equals: 1 },
    { callRef: evil, url: `${server.url}/v1/price`, agentId: "_default", path: "v", equals: 1 },
  ]
  const expected = ["supported", "untrusted_endpoint", "untrusted_endpoint"]
  for (const expect of [
    { endpoints: [`${server.url}/v1`] },
    { endpoints: [`${server.url}/v2/{name}`, `${server.url}/v1/{rest:path}`] },
    { agentIds: ["_default"] },
    { agentIds: ["_default"], actions: ["price"], endpoints: [server.url] },
  ]) {
    t.deepEqual(reasons(await vouchsafe.verify(claims, { expect })), expected, JSON.stringify(expect))
  }
  const none = await vouchsafe.verify(claims, { expect: { actions: ["cost"] } })
  t.deepEqual(new Set(reasons(none)), new Set(["untrusted_endpoint"]))
})

onEachEngine("a self-reported tool counts only where expect.kinds says so", async (t, scene) => {
  const vouchsafe = await scene.start()
  const { callRef, rowId } = recordTool({ name: "add", id: "call_9", input: { a: 1 }, output: { sum: 3 } })
  const claims = [
    { callRef, path: "sum", equals: 3 },
    { rowId, path: "sum", equals: 3 },
    { toolCallId: "call_9", path: "sum", equals: 3 },
    { action: "add", part: "request" as const, path: "body.a", equals: 1 },
  ]
  t.deepEqual(new Set(reasons(await vouchsafe.verify(claims))), new Set(["untrusted_endpoint"]))
  const verdict = await vouchsafe.verify(claims, { expect: { kinds: ["http", "tool"] } })
  t.deepEqual(new Set(reasons(verdict)), new Set(["supported"]))
  t.like(verdict.claims[0]!.evidence, { rowId, callRef, kind: "tool", url: null, status: null })
  const endpoints = await vouchsafe.verify(claims, { expect: { kinds: ["tool"], endpoints: ["https://a.example"] } })
  t.regex(endpoints.claims[0]!.message, /it has no URL/)
  const http = await vouchsafe.verify(claims, { expect: { kinds: ["http"] } })
  t.regex(http.claims[0]!.message, /of kind tool, which counts only where expect\.kinds names it/)
})

onEachEngine("old evidence is stale by the claim's limit and by the evaluator's, whichever is lower", async (t, scene) => {
  const vouchsafe = await scene.start()
  recordTool({ name: "old", output: 1, startedAt: new Date(Date.now() - 120_000), endedAt: Date.now() - 60_000 })
  const kinds = ["tool"] as ["tool"]
  const verify = (maxAgeMs: number | undefined, expected: number | undefined) =>
    vouchsafe.verify([{ action: "old", equals: 1, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) }], {
      expect: { kinds, ...(expected === undefined ? {} : { maxAgeMs: expected }) },
    })
  t.deepEqual(reasons(await verify(undefined, undefined)), ["supported"])
  t.deepEqual(reasons(await verify(59_000, undefined)), ["stale"])
  t.deepEqual(reasons(await verify(undefined, 59_000)), ["stale"])
  t.deepEqual(reasons(await verify(59_000, 3_600_000)), ["stale"])
  t.deepEqual(reasons(await verify(3_600_000, 3_600_000)), ["supported"])
  const { message } = (await verify(1000, undefined)).claims[0]!
  t.regex(message, /is 60\d{3} ms old, and at most 1000 ms are allowed/)
})

onEachEngine("an expectation that is none is refused by its key", async (t, scene) => {
  const vouchsafe = await scene.start()
  for (const expect of [
    { endpoint: ["https://a.example"] },
    { endpoints: "https://a.example" },
    { endpoints: ["no url"] },
    { kinds: ["email"] },
    { maxAgeMs: -1 },
  ]) {
    const verdict = vouchsafe.verify([{ equals: 1 }], { expect: expect as never })
    const error = await t.throwsAsync(verdict, { instanceOf: InvalidOptionError }, JSON.stringify(expect))
    t.is(error?.key, "expect")
    t.notRegex(error!.message, /^(\S+: )\1/)
  }
})
