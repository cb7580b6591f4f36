import { claimsJsonSchema, InvalidClaimError, withTool, type AgentResponse } from "../../index.js"
import { call, onEachEngine, reasons } from "../conformance/scene.js"

onEachEngine("a model's structured answer is a list of claims: by call, tool call, tool name, or none", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/": { json: { price: 42, items: [{ name: "a" }] } } })
  const callRef = await call(server.url, { tool: "get_price", id: "call_7" })
  const answer: AgentResponse = {
    answer: "It costs 42.",
    claimed_values: [
      { path: "price", value: 42, ref: callRef },
      { path: "price", value: 42, ref: callRef.toUpperCase() },
      { path: "$.items[0].name", value: "a", ref: "call_7" },
      { path: "price", value: 42, ref: "get_price" },
      { path: "price", value: 42, sourcerykit_ref: callRef },
      { path: "price", value: 42 },
      { path: "price", value: 41, ref: "get_price" },
      { path: "price", value: 42, ref: "another_tool" },
    ],
  }
  const verdict = await vouchsafe.verify(answer)
  t.deepEqual(reasons(verdict), [...Array.from({ length: 6 }, () => "supported" as const), "contradicted", "no_evidence"])
  t.deepEqual(verdict.claims[3]!.claim, { action: "get_price", path: "price", equals: 42 })
  const payload = await vouchsafe.buildHandoffPayload(answer, { answer: answer.answer, task: "How much?" })
  t.deepEqual([payload["answer"], payload["task"], payload.claims.length], ["It costs 42.", "How much?", 8])
  t.deepEqual(reasons(await vouchsafe.evaluateHandoff(payload)), reasons(verdict))
})

onEachEngine("an answer without claimed values is an error, a bad one is refused by its position", async (t, scene) => {
  const vouchsafe = await scene.start()
  t.is((await vouchsafe.verify({ answer: "Hello.", claimed_values: [] })).outcome, "ERROR")
  for (const bad of [null, "42", { path: "a" }, { path: "a[", value: 1 }, { path: 7, value: 1 }, { path: "a", value: 1, ref: 7 }]) {
    const claims = { answer: "", claimed_values: [{ path: "a", value: 1 }, bad] } as AgentResponse
    const error = await t.throwsAsync(vouchsafe.verify(claims), { instanceOf: InvalidClaimError }, JSON.stringify(bad))
    t.is(error?.position, 1)
  }
  t.deepEqual(claimsJsonSchema.required, ["answer", "claimed_values"])
})

onEachEngine("annotate gives the model a reference to cite", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/": { json: { price: 42 } } })
  const result = await withTool({ name: "price", annotate: true }, async () => {
    return (await (await fetch(server.url)).json()) as { price: number; _ref?: string }
  })
  const claimed_values = [{ path: "price", value: result.price, ref: result._ref! }]
  t.is((await vouchsafe.verify({ answer: "", claimed_values })).outcome, "PASS")
})
