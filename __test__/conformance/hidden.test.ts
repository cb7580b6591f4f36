import { randomBytes } from "node:crypto"
import { call, onEachEngine, reasons } from "./scene.js"

onEachEngine("a body that was cut when it was recorded is unverifiable, its status is not", async (t, scene) => {
  const vouchsafe = await scene.start({ record: { maxBodyBytes: 1000 } })
  const server = await scene.serve({
    "/fits": { json: { text: "x".repeat(900) } },
    "/cut": { json: { first: 1, text: "x".repeat(2000) } },
  })
  const fits = await call(`${server.url}/fits`)
  const cut = await call(`${server.url}/cut`)
  const verdict = await vouchsafe.verify([
    { callRef: fits, path: "text", equals: "x".repeat(900) },
    { callRef: cut, path: "first", equals: 1 },
    { callRef: cut, path: "first", equals: 2 },
    { callRef: cut, part: "status", equals: 200 },
  ])
  t.deepEqual(reasons(verdict), ["supported", "unverifiable", "unverifiable", "supported"])
  t.regex(verdict.claims[1]!.message, /was cut when it was recorded/)
})

onEachEngine("what is redacted is unverifiable whatever is claimed, and is nowhere in the payload", async (t, scene) => {
  const secret = `s3cr3t-${randomBytes(8).toString("hex")}`
  const vouchsafe = await scene.start({ redact: { headers: ["x-internal"], query: ["who"], paths: ["$.user.mail"] } })
  const server = await scene.serve({
    "/login": (_request, response) =>
      response
        .writeHead(200, { "content-type": "application/json", "x-internal": secret, "set-cookie": `a=${secret}` })
        .end(JSON.stringify({ access_token: secret, user: { mail: secret, name: "Ada" } })),
  })
  const callRef = await call(`${server.url}/login?token=${secret}&who=${secret}&page=1`, {
    headers: { authorization: `Bearer ${secret}` },
  })
  const claims = [
    { callRef, path: "user.name", equals: "Ada" },
    { callRef, path: "access_token", equals: secret },
    { callRef, path: "access_token", equals: "[redacted]" },
    { callRef, path: "user.mail", equals: "other" },
    { callRef, path: "user", equals: { mail: secret, name: "Ada" } },
    { callRef, part: "headers" as const, path: "x-internal", equals: secret },
    { callRef, part: "request" as const, path: "headers.authorization", equals: "none" },
    { callRef, part: "request" as const, path: "url", equals: `${server.url}/login` },
  ]
  const verdict = await vouchsafe.verify(claims)
  t.deepEqual(reasons(verdict), ["supported", ...claims.slice(1).map(() => "unverifiable" as const)])
  t.regex(verdict.claims[1]!.message, /is redacted/)
  const payload = await vouchsafe.buildHandoffPayload([claims[0]!])
  t.false(Buffer.from(JSON.stringify(payload)).includes(secret))
  const bytes = JSON.stringify(payload).match(/"bytes":"[^"]+"/g) ?? []
  for (const one of bytes) t.false(Buffer.from(one.slice(9, -1), "base64").includes(secret))
})

onEachEngine("what a model said is no evidence for its claims, whoever says so", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/v1/chat/completions": { json: { choices: [{ message: { content: "it costs 42" } }] } },
    "/price": { json: { price: 41 } },
  })
  const asked = await call(`${server.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "price?" }] }),
    tool: "ask",
  })
  const claim = { path: "choices[0].message.content", contains: "42" }
  const verdict = await vouchsafe.verify([{ callRef: asked, ...claim }, { action: "ask", ...claim }, claim])
  t.deepEqual(reasons(verdict), ["no_evidence", "no_evidence", "no_evidence"])
  await call(`${server.url}/price`, { tool: "price" })
  const after = await vouchsafe.verify([{ path: "price", equals: 41 }])
  t.is(after.outcome, "PASS")
})
