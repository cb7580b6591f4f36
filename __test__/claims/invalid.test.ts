import { inspect } from "node:util"
import { InvalidClaimError, type Claim } from "../../index.js"
import { onEachEngine } from "../conformance/scene.js"

/** A claim, and the key that is at fault. */
const INVALID: [unknown, string, RegExp?][] = [
  [{ path: "a" }, "equals", /exactly one of .+ says what is claimed; none is given/],
  [{ equals: 1, contains: 1 }, "contains", /equals and contains are given/],
  [{ equals: undefined, between: undefined }, "equals"],
  [{ equals: 1, unknown: 1 }, "unknown", /no claim has this key/],
  [{ equals: 1, Path: "a" }, "Path"],
  [{ equals: 1, path: "$.a[" }, "path"],
  [{ equals: 1, path: "$..a[?(@.b=~1)]" }, "path"],
  [{ equals: 1, path: "a b" }, "path"],
  [{ equals: 1, path: 1 }, "path", /expected a string/],
  [{ equals: 1, callRef: 7 }, "callRef", /expected a string/],
  [{ equals: 1, action: null }, "action"],
  [{ equals: 1, part: "trailers" }, "part"],
  [{ equals: 1, maxAgeMs: -1 }, "maxAgeMs"],
  [{ equals: 1, maxAgeMs: "1" }, "maxAgeMs"],
  [{ equals: Number.NaN }, "equals", /NaN is no JSON number/],
  [{ equals: Number.POSITIVE_INFINITY }, "equals"],
  [{ equals: { a: [undefined] } }, "equals", /undefined is no JSON value/],
  [{ equals: () => 1 }, "equals"],
  [{ equals: 2 ** 53 }, "equals", /beyond 2\^53/],
  [{ approx: 1 }, "approx"],
  [{ approx: null }, "approx"],
  [{ approx: {} }, "approx.value"],
  [{ approx: { value: 1 } }, "approx"],
  [{ approx: { value: "1", abs: 1 } }, "approx.value"],
  [{ approx: { value: 1, abs: -1 } }, "approx.abs"],
  [{ approx: { value: 1, abs: 1, tolerance: 1 } }, "approx.tolerance"],
  [{ between: {} }, "between"],
  [{ between: { min: 2, max: 1 } }, "between.min"],
  [{ between: { low: 1 } }, "between.low"],
  [{ matches: { type: "nothing" } }, "matches"],
  [{ matches: { $ref: "https://example.com/a" } }, "matches"],
  [{ matches: 7 }, "matches"],
  [nested(121), "equals", /nested too deep/],
  [nested(100_000), "equals", /nested too deep/],
  ["a claim", "claims", /a claim is an object/],
  [null, "claims"],
  [[], "claims"],
]

function nested(levels: number): Claim {
  let equals: Claim["equals"] = 1
  for (let level = 0; level < levels; level++) equals = [equals!]
  return { equals: equals! }
}

onEachEngine("a bad claim is refused by key and position before any work", async (t, scene) => {
  const vouchsafe = await scene.start()
  for (const [claim, key, message = /./] of INVALID) {
    const shown = inspect(claim)
    const claims = [{ equals: 1 }, { action: "a", contains: "b" }, claim as Claim]
    for (const call of [vouchsafe.verify, vouchsafe.buildHandoffPayload]) {
      const error = await t.throwsAsync(async () => call(claims), { instanceOf: InvalidClaimError }, shown)
      t.like(error, { code: "INVALID_CLAIM", key, position: 2 }, shown)
      t.true(error!.message.startsWith(`claim 2, ${key}: `), error!.message)
      t.regex(error!.message, message)
    }
  }
  const { queryRecords, preprocessRuns } = vouchsafe.stats()
  t.deepEqual([queryRecords, preprocessRuns], [0, 0])
})

onEachEngine("what is no list of claims is refused", async (t, scene) => {
  const vouchsafe = await scene.start()
  for (const claims of [undefined, null, "text", 7, {}, { claims: [] }, { equals: 1 }]) {
    const error = await t.throwsAsync(vouchsafe.verify(claims as never), { instanceOf: InvalidClaimError })
    t.deepEqual([error?.key, error?.position], ["claims", 0])
  }
})

onEachEngine("the evaluator's own claims are checked like others", async (t, scene) => {
  const vouchsafe = await scene.start()
  const payload = await vouchsafe.buildHandoffPayload([{ equals: 1 }])
  const claims = [{ equals: 1 }, { equals: 1, path: "$[" }]
  const error = await t.throwsAsync(vouchsafe.evaluateHandoff(payload, { claims }), { instanceOf: InvalidClaimError })
  t.deepEqual([error?.key, error?.position], ["path", 1])
})

onEachEngine("a value as deep as is allowed goes through a payload", async (t, scene) => {
  const vouchsafe = await scene.start()
  const claim = nested(120)
  const server = await scene.serve({ "/": { json: claim.equals } })
  await (await fetch(server.url)).text()
  t.is((await vouchsafe.verify([claim])).outcome, "PASS")
  t.is((await vouchsafe.evaluateHandoff(await vouchsafe.buildHandoffPayload([claim]))).outcome, "PASS")
})
