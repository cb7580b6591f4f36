import { evaluateHandoff, type Claim, type HandoffPayload, type Vouchsafe } from "../../index.js"
import { change } from "../store/database.js"
import { call, onEachEngine, reasons, type Scene } from "./scene.js"

/** Texts that stand in one field each, and nowhere else. */
const SECRETS = {
  url: "the-query-says-so",
  request: "the-request-says-so",
  request_headers: "the-header-asks-so",
  response: "the-response-says-so",
  response_headers: "the-header-says-so",
}
type Field = keyof typeof SECRETS

interface Exchange {
  vouchsafe: Vouchsafe
  callRef: string
  url: string
}

async function exchange(scene: Scene): Promise<Exchange> {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/price": (request, response) => {
      request.resume()
      response.setHeader("x-note", SECRETS.response_headers)
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ price: 42, note: SECRETS.response }))
    },
  })
  const url = `${server.url}/price?q=${SECRETS.url}`
  const callRef = await call(url, {
    tool: "price",
    method: "POST",
    headers: { "x-note": SECRETS.request_headers },
    body: JSON.stringify({ note: SECRETS.request }),
  })
  return { vouchsafe, callRef, url }
}

/** The fields whose bytes stand in the payload, plain or as base64 of whatever they stand in. */
function given(payload: HandoffPayload): Field[] {
  const text = JSON.stringify(payload)
  const decoded = [...text.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g)].map(([, base64]) => Buffer.from(base64!, "base64").toString("latin1"))
  const all = [text, ...decoded].join("\n")
  return (Object.keys(SECRETS) as Field[]).filter((field) => all.includes(SECRETS[field]))
}

const BODY: Claim = { path: "price", equals: 42 }
const STATUS: Claim = { part: "status", equals: 200 }
const HEADERS: Claim = { part: "headers", path: "content-type", contains: "json" }
const REQUEST: Claim = { part: "request", path: "method", equals: "POST" }

onEachEngine("by default and with \"all\" a payload has all that is stored", async (t, scene) => {
  const { vouchsafe, callRef } = await exchange(scene)
  for (const options of [{}, { disclose: "all" as const }]) {
    const payload = await vouchsafe.buildHandoffPayload([{ callRef, ...STATUS }], options)
    t.deepEqual(given(payload), Object.keys(SECRETS) as Field[])
  }
})

onEachEngine("\"fields\" gives what the claims look at and nothing else, and that is enough offline", async (t, scene) => {
  const { vouchsafe, callRef, url } = await exchange(scene)
  const verifierKeys = [vouchsafe.verifierKey]
  const cases: [Claim[], Field[]][] = [
    [[STATUS], []],
    [[BODY], ["response", "response_headers"]],
    [[HEADERS], ["response_headers"]],
    [[REQUEST], ["url", "request", "request_headers"]],
    [[{ ...STATUS, url: new URL(url).origin }], ["url"]],
    [[STATUS, HEADERS, { ...BODY, url }], ["url", "response", "response_headers"]],
    [[{ ...BODY, action: "price" }], ["response", "response_headers"]],
  ]
  for (const [claims, fields] of cases) {
    const asked = claims.map((claim) => (claim.action ? claim : { callRef, ...claim }))
    const payload = await vouchsafe.buildHandoffPayload(asked, { disclose: "fields" })
    t.deepEqual(given(payload), fields, JSON.stringify(claims))
    const verdict = await evaluateHandoff(JSON.stringify(payload), { verifierKeys })
    t.is(verdict.outcome, "PASS", JSON.stringify(verdict.claims))
    t.is((await vouchsafe.verify(asked, { disclose: "fields" })).outcome, "PASS")
  }
})

onEachEngine("claims on one call share its rows' fields, and those on another call do not", async (t, scene) => {
  const { vouchsafe, callRef } = await exchange(scene)
  const server = await scene.serve({ "/": { json: { other: "another-response" } } })
  const other = await call(server.url)
  const claims = [{ callRef, ...BODY }, { callRef: other, ...STATUS }]
  const payload = await vouchsafe.buildHandoffPayload(claims, { disclose: "fields" })
  t.deepEqual(given(payload), ["response", "response_headers"])
  const proofs = Object.values(payload["proofs"] as Record<string, { rows: { fields: object }[] }>)
  t.deepEqual(proofs.map(({ rows }) => Object.keys(rows[0]!.fields)).sort(), [[], ["response", "response_headers"]])
})

onEachEngine("with \"none\" only what the row itself says can be decided, and nothing is an accusation", async (t, scene) => {
  const { vouchsafe, callRef, url } = await exchange(scene)
  const claims = [BODY, { path: "price", equals: 41 }, HEADERS, { ...STATUS, url: new URL(url).origin }, REQUEST, STATUS, { part: "status", equals: 404 }]
  const asked = claims.map((claim) => ({ callRef, ...claim }) as Claim)
  const payload = await vouchsafe.buildHandoffPayload(asked, { disclose: "none" })
  t.deepEqual(given(payload), [])
  const offline = await evaluateHandoff(payload, { verifierKeys: [vouchsafe.verifierKey] })
  const verified = await vouchsafe.verify(asked, { disclose: "none" })
  for (const verdict of [offline, verified]) {
    t.deepEqual(reasons(verdict), [
      "unverifiable",
      "unverifiable",
      "unverifiable",
      "unverifiable",
      "supported",
      "supported",
      "contradicted",
    ])
    t.regex(verdict.claims[0]!.message, /: it is not disclosed \(withheld, or deleted by retention\)\.$/)
    t.regex(verdict.claims[3]!.message, /^The URL of .* is not disclosed\.$/)
    t.is(verdict.claims[5]!.evidence!.url, null)
  }
})

onEachEngine("an evaluator that expects an endpoint needs the URL, which verify knows and a builder does not", async (t, scene) => {
  const { vouchsafe, callRef, url } = await exchange(scene)
  const expect = { endpoints: [new URL(url).origin] }
  const asked = [{ callRef, ...BODY }]
  t.is((await vouchsafe.verify(asked, { disclose: "fields", expect })).outcome, "PASS")
  const payload = await vouchsafe.buildHandoffPayload(asked, { disclose: "fields" })
  const verdict = await vouchsafe.evaluateHandoff(payload, { expect })
  t.deepEqual(reasons(verdict), ["unverifiable"])
  t.regex(verdict.claims[0]!.message, /^The URL of .* is not disclosed/)
})

onEachEngine("a pruned exchange still proves that it was there, and its body says that it may have been deleted", async (t, scene) => {
  const { vouchsafe, callRef } = await exchange(scene)
  await vouchsafe.commit()
  await vouchsafe.shutdown()
  // As retention leaves a row: without bodies, headers and key.
  change(scene.dir, "UPDATE intercepts SET request_headers = NULL, response_headers = NULL, request = NULL, response = NULL")
  change(scene.dir, "DELETE FROM row_keys")
  const later = await scene.start()
  const verdict = await later.verify([{ callRef, ...BODY }, { callRef, ...STATUS }])
  t.deepEqual(reasons(verdict), ["unverifiable", "supported"])
  t.regex(verdict.claims[0]!.message, /: it is not disclosed \(withheld, or deleted by retention\)\.$/)
  t.is(verdict.claims[0]!.proof!.trust, "proof")
  t.is(verdict.claims[0]!.evidence!.callRef, callRef)
})
