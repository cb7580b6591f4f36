import { withInterceptorContext, withTool } from "../../index.js"
import { call, onEachEngine, reasons } from "./scene.js"

onEachEngine("a followed redirect is no candidate, what it led to is", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/old": (_request, response) => response.writeHead(302, { location: "/new" }).end("moved"),
    "/new": { json: { price: 42 } },
  })
  const callRef = await call(`${server.url}/old`)
  const verdict = await vouchsafe.verify([
    { callRef, path: "price", equals: 42 },
    { callRef, part: "status", equals: 302 },
  ])
  t.deepEqual(reasons(verdict), ["supported", "contradicted"])
  t.is(verdict.claims[0]!.evidence!.candidates, 1)
  t.is(verdict.claims[0]!.evidence!.url, `${server.url}/new`)
})

onEachEngine("of attempts that were retried only the last one is a candidate", async (t, scene) => {
  const vouchsafe = await scene.start()
  let attempts = 0
  const server = await scene.serve({
    "/flaky": (_request, response) => {
      attempts++
      response.writeHead(attempts < 3 ? 503 : 200).end(JSON.stringify({ attempt: attempts }))
    },
  })
  const callRef = await withTool({ name: "flaky" }, async ({ callRef }) => {
    while (!(await fetch(`${server.url}/flaky`)).ok);
    return callRef
  })
  const verdict = await vouchsafe.verify([
    { callRef, path: "attempt", equals: 3 },
    { callRef, path: "attempt", equals: 1 },
    { callRef, part: "status", equals: 503 },
  ])
  t.deepEqual(reasons(verdict), ["supported", "contradicted", "contradicted"])
  t.is(verdict.claims[0]!.evidence!.candidates, 1)
  t.is(vouchsafe.stats().recorded, 3)
})

onEachEngine("a call passes if any of its fetches supports, by the last that does", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/1": { json: { page: 1, of: 3 } },
    "/2": { json: { page: 2, of: 3 } },
    "/3": { json: { page: 3, of: 3 } },
  })
  const callRef = await withTool({ name: "pages", id: "toolu_1" }, async ({ callRef }) => {
    for (const page of [1, 2, 3]) await (await fetch(`${server.url}/${page}`)).text()
    return callRef
  })
  const verdict = await vouchsafe.verify([
    { callRef, path: "page", equals: 2 },
    { callRef, path: "of", equals: 3 },
    { toolCallId: "toolu_1", path: "page", equals: 1 },
    { callRef, path: "page", equals: 4 },
  ])
  t.deepEqual(reasons(verdict), ["supported", "supported", "supported", "contradicted"])
  t.deepEqual(
    verdict.claims.map(({ evidence }) => [evidence!.url!.slice(-1), evidence!.candidates]),
    [
      ["2", 3],
      ["3", 3],
      ["1", 3],
      ["3", 3],
    ],
  )
  t.is(verdict.counts.records, 2)
})

onEachEngine("for an action and for the latest, the last exchange alone decides", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/1": { json: { v: 1 } }, "/2": { json: { v: 2 } } })
  await call(`${server.url}/1`, { tool: "get" })
  await call(`${server.url}/2`, { tool: "get" })
  const verdict = await vouchsafe.verify([
    { action: "get", path: "v", equals: 2 },
    { action: "get", path: "v", equals: 1 },
    { path: "v", equals: 2 },
    { path: "v", equals: 1 },
    { path: "v", equals: 3 },
  ])
  t.deepEqual(reasons(verdict), ["supported", "contradicted", "supported", "contradicted", "contradicted"])
  const { message } = verdict.claims[1]!
  t.regex(message, /but it is 2; only the earlier `get` \(status 200, at .+\), row [0-9a-f-]{36}, supports it\.$/)
  t.notRegex(verdict.claims[4]!.message, /earlier/)
})

onEachEngine("an action without a name is its method, host and path, and each agent has its own latest", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/a": { json: { v: "a" } }, "/b": { json: { v: "b" } } })
  await (await fetch(`${server.url}/a?secret=1`)).text()
  await withInterceptorContext({ agentId: "other" }, async () => (await fetch(`${server.url}/b`)).text())
  const verdict = await vouchsafe.verify([
    { action: `GET ${server.host}/a`, path: "v", equals: "a" },
    { path: "v", equals: "a" },
    { agentId: "other", path: "v", equals: "b" },
    { agentId: "nobody", path: "v", equals: "b" },
  ])
  t.deepEqual(reasons(verdict), ["supported", "supported", "supported", "no_evidence"])
  const others = await vouchsafe.verify([{ path: "v", equals: "b" }], { agentId: "other" })
  t.is(others.outcome, "PASS")
})

onEachEngine("url and agentId are conditions beside a call, and no selectors", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/items/7/price": { json: { v: 1 } } })
  const callRef = await call(`${server.url}/items/7/price?q=1`)
  const verdict = await vouchsafe.verify([
    { callRef, url: `${server.url}/items/7/price?q=1`, path: "v", equals: 1 },
    { callRef, url: `${server.url}/items/{id}/price`, path: "v", equals: 1 },
    { callRef, url: `${server.url}/items/8/price`, path: "v", equals: 1 },
    { callRef, url: "https://example.com/", path: "v", equals: 1 },
    { callRef, agentId: "_default", path: "v", equals: 1 },
    { callRef, agentId: "other", path: "v", equals: 1 },
    { callRef: callRef.toUpperCase(), path: "v", equals: 1 },
  ])
  t.deepEqual(reasons(verdict), [
    "supported",
    "supported",
    "contradicted",
    "contradicted",
    "supported",
    "contradicted",
    "supported",
  ])
})

onEachEngine("the first selector given counts: row, call, tool call, action", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/1": { json: { v: 1 } }, "/2": { json: { v: 2 } } })
  const first = await call(`${server.url}/1`, { tool: "one", id: "call_1" })
  const second = await call(`${server.url}/2`, { tool: "two", id: "call_2" })
  const [one] = (await vouchsafe.verify([{ callRef: first, path: "v", equals: 1 }])).claims
  const rowId = one!.evidence!.rowId
  const verdict = await vouchsafe.verify([
    { rowId, callRef: second, toolCallId: "call_2", action: "two", path: "v", equals: 1 },
    { callRef: first, toolCallId: "call_2", action: "two", path: "v", equals: 1 },
    { toolCallId: "call_1", action: "two", path: "v", equals: 1 },
    { action: "one", path: "v", equals: 1 },
    { path: "v", equals: 2 },
  ])
  t.deepEqual(new Set(reasons(verdict)), new Set(["supported"]))
})
