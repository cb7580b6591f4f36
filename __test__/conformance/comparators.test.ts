import type { ExecutionContext } from "ava"
import { InvalidClaimError, type Claim, type Vouchsafe } from "../../index.js"
import { call, onEachEngine, reasons, type Scene } from "./scene.js"

type Comparator = Pick<Claim, "equals" | "approx" | "between" | "contains" | "matches">

/** Serves a body as it stands and checks claims on it: those that hold and those that do not. */
async function body(
  t: ExecutionContext,
  scene: Scene,
  text: string,
  { holds = [], fails = [] }: { holds?: [string, Comparator][]; fails?: [string, Comparator][] },
): Promise<{ vouchsafe: Vouchsafe; callRef: string; messages: string[] }> {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/": (_request, response) => response.setHeader("content-type", "application/json").end(text),
  })
  const callRef = await call(server.url)
  const claims = [...holds, ...fails].map(([path, comparator]) => ({ callRef, path, ...comparator }))
  const verdict = await vouchsafe.verify(claims)
  t.deepEqual(reasons(verdict), [...holds.map(() => "supported"), ...fails.map(() => "contradicted")])
  return { vouchsafe, callRef, messages: verdict.claims.map(({ message }) => message) }
}

onEachEngine("equals compares typed values, objects without regard to the order of keys", async (t, scene) => {
  await body(t, scene, '{"a":{"x":1,"y":[1,2]},"n":null,"b":false,"s":"","l":[]}', {
    holds: [
      ["a", { equals: { y: [1, 2], x: 1 } }],
      ["$.a.y[1]", { equals: 2 }],
      ["n", { equals: null }],
      ["b", { equals: false }],
      ["s", { equals: "" }],
      ["l", { equals: [] }],
    ],
    fails: [
      ["a", { equals: { x: 1 } }],
      ["a.y", { equals: [2, 1] }],
      ["n", { equals: 0 }],
      ["b", { equals: "false" }],
      ["b", { equals: 0 }],
      ["s", { equals: null }],
      ["l", { equals: {} }],
    ],
  })
})

onEachEngine("strings are compared code point by code point, in NFC", async (t, scene) => {
  await body(t, scene, JSON.stringify({ composed: "caf\u00e9", decomposed: "cafe\u0301", wide: "\uff11", case: "A" }), {
    holds: [
      ["composed", { equals: "cafe\u0301" }],
      ["decomposed", { equals: "caf\u00e9" }],
      ["composed", { contains: "e\u0301" }],
    ],
    fails: [
      ["wide", { equals: "1" }],
      ["case", { equals: "a" }],
      ["case", { equals: "A " }],
    ],
  })
})

onEachEngine("numbers are exact decimals, and bigints reach beyond 2^53", async (t, scene) => {
  await body(t, scene, '{"one":1.0,"big":9007199254740993,"sum":0.30000000000000004,"tiny":1e-400,"minus":-0}', {
    holds: [
      ["one", { equals: 1 }],
      ["one", { equals: 1n }],
      ["big", { equals: 9007199254740993n }],
      ["sum", { equals: 0.1 + 0.2 }],
      ["minus", { equals: 0 }],
    ],
    fails: [
      ["big", { equals: 9007199254740992n }],
      ["big", { equals: "9007199254740993" }],
      ["sum", { equals: 0.3 }],
      ["tiny", { equals: 0 }],
      ["one", { equals: "1" }],
    ],
  })
})

onEachEngine("an integer that JavaScript may have rounded is refused, and says how to write it", async (t, scene) => {
  const { vouchsafe, callRef } = await body(t, scene, "{}", {})
  for (const claim of [
    { callRef, equals: 2 ** 53 },
    { callRef, equals: { deep: [-(2 ** 60)] } },
    { callRef, approx: { value: 2 ** 53, abs: 1 } },
    { callRef, between: { min: 2 ** 53 } },
    { callRef, contains: [2 ** 53] },
    { callRef, matches: { const: 2 ** 53 } },
  ]) {
    const error = await t.throwsAsync(vouchsafe.verify([claim]), { instanceOf: InvalidClaimError })
    t.regex(error?.message ?? "", /beyond 2\^53 and may have been rounded: write it as bigint/)
  }
})

onEachEngine("approx is within abs or rel, of every member of a list", async (t, scene) => {
  const { messages } = await body(t, scene, '{"n":100.5,"l":[99,101],"s":"100","mixed":[100,"100"],"none":[]}', {
    holds: [
      ["n", { approx: { value: 100, abs: 0.5 } }],
      ["n", { approx: { value: 100, rel: 0.005 } }],
      ["n", { approx: { value: 100, abs: 0, rel: 0.01 } }],
      ["l", { approx: { value: 100, abs: 1 } }],
    ],
    fails: [
      ["n", { approx: { value: 100, abs: 0.49 } }],
      ["n", { approx: { value: 100, rel: 0.0049 } }],
      ["l", { approx: { value: 100, abs: 0.5 } }],
      ["none", { approx: { value: 100, abs: 1 } }],
      ["mixed", { approx: { value: 100, abs: 1 } }],
      ["s", { approx: { value: 100, abs: 1 } }],
    ],
  })
  t.regex(messages.at(-1)!, /it is a string "100", and approx needs a JSON number/)
  t.regex(messages.at(-2)!, /member 1 of the list is a string "100"/)
})

onEachEngine("between is inclusive and may be open at one end", async (t, scene) => {
  const { messages } = await body(t, scene, '{"n":5,"l":[1,5],"s":"5"}', {
    holds: [
      ["n", { between: { min: 5, max: 5 } }],
      ["n", { between: { min: 4.999 } }],
      ["n", { between: { max: 5 } }],
      ["l", { between: { min: 1, max: 5 } }],
      ["l[*]", { between: { min: 1, max: 5 } }],
    ],
    fails: [
      ["n", { between: { min: 5.001 } }],
      ["l", { between: { min: 2 } }],
      ["s", { between: { min: 1 } }],
    ],
  })
  t.regex(messages.at(-1)!, /between needs a JSON number/)
})

onEachEngine("contains is a substring, a member of a list, or a subset of an object", async (t, scene) => {
  await body(t, scene, '{"s":"in stock","l":[1,{"a":1,"b":2},"x"],"o":{"a":1,"b":{"c":1}}}', {
    holds: [
      ["s", { contains: "stock" }],
      ["s", { contains: "" }],
      ["l", { contains: 1.0 }],
      ["l", { contains: { b: 2, a: 1 } }],
      ["o", { contains: { b: { c: 1 } } }],
      ["o", { contains: {} }],
    ],
    fails: [
      ["s", { contains: "Stock" }],
      ["l", { contains: { a: 1 } }],
      ["l", { contains: "1" }],
      ["o", { contains: { b: {} } }],
      ["o", { contains: { z: null } }],
      ["s", { contains: 1 }],
    ],
  })
})

onEachEngine("matches is JSON Schema 2020-12, its patterns on a linear engine", async (t, scene) => {
  const object = { type: "object", required: ["price"], properties: { price: { type: "number", minimum: 0 } } }
  const nested: Claim["matches"] = { $defs: { even: { multipleOf: 2 } }, items: { $ref: "#/$defs/even" } }
  const { vouchsafe, callRef } = await body(t, scene, `{"o":{"price":4},"l":[2,4],"s":"${"a".repeat(60)}!"}`, {
    holds: [
      ["o", { matches: object }],
      ["l", { matches: nested }],
      ["s", { matches: true }],
    ],
    fails: [
      ["o", { matches: { ...object, required: ["price", "currency"] } }],
      ["l", { matches: { prefixItems: [{ const: 3 }] } }],
      ["s", { matches: { pattern: "^(a+)+$" } }],
      ["s", { matches: false }],
    ],
  })
  const remote = vouchsafe.verify([{ callRef, matches: { $ref: "https://example.com/schema.json" } }])
  const error = await t.throwsAsync(remote, { instanceOf: InvalidClaimError })
  t.is(error?.key, "matches")
})
