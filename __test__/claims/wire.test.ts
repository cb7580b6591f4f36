import { call, onEachEngine, reasons } from "../conformance/scene.js"

/** A claim as other SDKs write it. */
function wire(claim: Record<string, unknown>): { verification_mode: string } & Record<string, unknown> {
  return { verification_mode: "field_extraction", json_path: "", request_payload: {}, response_payload: null, ...claim }
}

onEachEngine("claims in the wire's form are compared as the wire compares", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/": { json: { price: 42, ok: true, list: [1, 2, 3], text: " 7 " } } })
  const call_ref = await call(server.url, { tool: "get" })
  const extract = (path: string, value: unknown): unknown => wire({ call_ref, claimed_value: [{ path, value }] })
  const range = (json_path: string, range_min: unknown, range_max: unknown, claimed_value: unknown = null): unknown =>
    wire({ call_ref, verification_mode: "range_threshold", json_path, range_min, range_max, claimed_value })
  const claims = [
    extract("price", 42),
    extract("price", "42"),
    extract("ok", "True"),
    extract("text", "7"),
    range("price", 42, 42),
    range("list", 2, 2, 2),
    range("text", "7", null),
    wire({ call_ref, verification_mode: "verbatim", claimed_value: { price: 42, ok: true, list: [1, 2, 3], text: " 7 " } }),
    wire({ call_ref, verification_mode: "schema_type", json_path: "price", expected_json_schema: { type: "integer" } }),
    wire({ action_name: "get", claimed_value: [{ path: "price", value: 42 }] }),
    wire({ action_name: "other", claimed_value: [{ path: "price", value: 42, sourcerykit_ref: call_ref }] }),
    extract("price", "42.0"),
    extract("price", 43),
    extract("cost", 42),
    range("price", 43, 50),
    range("ok", 0, 1),
  ] as never[]
  const verdict = await vouchsafe.verify(claims)
  t.deepEqual(reasons(verdict), [
    ...Array.from({ length: 11 }, () => "supported" as const),
    "contradicted",
    "contradicted",
    "path_missing",
    "contradicted",
    "contradicted",
  ])
  const payload = await vouchsafe.buildHandoffPayload(claims)
  t.deepEqual(reasons(await vouchsafe.evaluateHandoff(payload)), reasons(verdict))
})

onEachEngine("a bad claim of the wire's costs itself only, and is said in the payload", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/": { json: { price: 42 } } })
  const call_ref = await call(server.url)
  const good = wire({ call_ref, claimed_value: [{ path: "price", value: 42 }] })
  const bad = [
    wire({ call_ref, verification_mode: "guess", claimed_value: [{ path: "price", value: 42 }] }),
    wire({ call_ref, claimed_value: [] }),
    wire({ claimed_value: [{ path: "price", value: 42 }] }),
    wire({ call_ref, claimed_value: [{ path: "price[", value: 42 }] }),
    wire({ call_ref: 7, claimed_value: 1 }),
    wire({ call_ref, verification_mode: "range_threshold", range_min: "low" }),
    { verification_mode: 7 } as never,
  ]
  const verdict = await vouchsafe.verify([good, ...bad])
  t.is(verdict.outcome, "ERROR")
  t.deepEqual(reasons(verdict), ["supported", ...bad.map(() => "unverifiable" as const)])
  for (const claim of verdict.claims.slice(1)) t.regex(claim.message, /^This is no claim: /)
  const payload = await vouchsafe.buildHandoffPayload([good, ...bad])
  const errors = payload["build_errors"] as string[]
  t.deepEqual(errors.map((line) => line.slice(0, 8)), bad.map((_, at) => `claim ${at + 1}:`))
  t.deepEqual(reasons(await vouchsafe.evaluateHandoff(payload)), reasons(verdict))
})

onEachEngine("several values in one wire claim are claims of their own", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/": { json: { a: 1, b: 2 } } })
  const call_ref = await call(server.url)
  const claimed_value = [{ path: "a", value: 1 }, { path: "b", value: 3 }]
  const verdict = await vouchsafe.verify([wire({ call_ref, claimed_value })])
  t.deepEqual(reasons(verdict), ["supported", "contradicted"])
  t.is(verdict.counts.records, 1)
})

onEachEngine("our claims say on the wire what the wire can say, and come back as they were", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/": (_request, response) => response.end('{"n":9007199254740993,"price":42}') })
  const callRef = await call(server.url)
  const claims = [
    { callRef, path: "price", equals: 42 },
    { callRef, path: "price", between: { min: 40 } },
    { callRef, path: "price", matches: { type: "number" } },
    { callRef, path: "price", approx: { value: 42, abs: 1 } },
    { callRef, part: "status" as const, equals: 200 },
  ]
  const payload = await vouchsafe.buildHandoffPayload([...claims, { callRef, path: "n", equals: 9007199254740993n }])
  t.like(payload.claims[0], { verification_mode: "field_extraction", claimed_value: [{ path: "$.price", value: "42" }] })
  t.like(payload.claims[1], {
    verification_mode: "range_threshold",
    json_path: "$.price",
    claimed_value: 42,
    range_min: 40,
    range_max: null,
  })
  t.like(payload.claims[2], { verification_mode: "schema_type", expected_json_schema: { type: "number" } })
  for (const at of [3, 4]) t.is(payload.claims[at]!["verification_mode"], null)
  t.deepEqual(payload.claims.slice(0, 5).map((one) => one["claim"]), claims)
  t.like(payload.claims[5], { claim: { callRef, path: "n", equals: { bigint: "9007199254740993" } } })
  t.deepEqual(new Set(reasons(await vouchsafe.evaluateHandoff(payload))), new Set(["supported"]))
})
