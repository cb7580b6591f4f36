import { isDeepStrictEqual } from "node:util"
import {
  evaluateHandoff,
  InvalidPayloadError,
  recordTool,
  type Claim,
  type EvaluateHandoffOptions,
  type HandoffPayload,
  type Verdict,
} from "../../index.js"
import { mutations, randomly } from "./mutations.js"
import { call, onEachEngine, type Scene } from "./scene.js"

interface Forgery {
  payload: HandoffPayload
  /** Claims that are false, or rest on what does not count. */
  wrong: Claim[]
  options: EvaluateHandoffOptions
}

async function forgery(scene: Scene): Promise<Forgery> {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/old": (_request, response) => response.writeHead(302, { location: "/price" }).end(),
    "/price": { json: { price: 42, name: "tea", tags: ["a", "b"] } },
    "/fail": { json: { error: "no" }, status: 500 },
  })
  const callRef = await call(`${server.url}/old`, { tool: "price", id: "call_1" })
  await call(`${server.url}/fail`, { tool: "fail" })
  const old = recordTool({ name: "old", output: { v: 1 }, endedAt: Date.now() - 3_600_000 })
  const after = await vouchsafe.commit()
  await call(`${server.url}/price`, { tool: "again", method: "POST", body: '{"q":1}' })
  const wrong: Claim[] = [
    { callRef, path: "price", equals: 43 },
    { callRef, path: "price", equals: "42" },
    { toolCallId: "call_1", path: "name", contains: "coffee" },
    { action: "price", path: "tags", matches: { maxItems: 1 } },
    { action: "fail", part: "status", equals: 200 },
    { action: "again", part: "request", path: "method", equals: "GET" },
    { action: "again", path: "price", approx: { value: 43, abs: 0.5 } },
    { action: "again", url: "https://prices.example.com/", path: "price", equals: 42 },
    { path: "price", between: { max: 41 } },
    { action: "never", path: "price", equals: 42 },
    // Self-reported, and an hour old.
    { callRef: old.callRef, path: "v", equals: 1, maxAgeMs: 60_000 },
    { rowId: old.rowId, path: "v", equals: 1 },
  ]
  const payload = await vouchsafe.buildHandoffPayload(wrong, { after, task: "task", answer: "answer", prompt: "prompt" })
  const options = { verifierKeys: [vouchsafe.verifierKey], after, maxCheckpointAgeMs: 3_600_000 }
  await vouchsafe.shutdown()
  return { payload, wrong, options }
}

/** The verdict, or null where the payload was refused as none. */
async function evaluate(payload: HandoffPayload | string, options: EvaluateHandoffOptions): Promise<Verdict | null> {
  try {
    return await evaluateHandoff(payload, options)
  } catch (error) {
    if (error instanceof InvalidPayloadError) return null
    throw error
  }
}

onEachEngine("no edit of a payload turns a false claim into a pass", async (t, scene) => {
  const { payload, wrong, options } = await forgery(scene)
  const asBuilt = await evaluate(payload, options)
  t.deepEqual(
    asBuilt!.claims.map(({ outcome }) => outcome),
    wrong.map(() => "CAUGHT"),
  )
  let count = 0
  const passed: string[] = []
  for (const { what, value } of mutations(payload, randomly(1))) {
    count++
    const edited = value as HandoffPayload
    const theirs = await evaluate(edited, options)
    // An edited claim is another claim and may be true; without our own one the wire's counts, and compares as text.
    const isSameClaim = !/^claims\.\d+\.claim: /.test(what)
    for (const claim of isSameClaim ? (theirs?.claims ?? []) : []) {
      if (claim.outcome === "PASS" && wrong.some((one) => isDeepStrictEqual(one, claim.claim))) passed.push(what)
    }
    const own = await evaluate(edited, { ...options, claims: wrong })
    if (own?.claims.some(({ outcome }) => outcome === "PASS")) passed.push(`${what} (own claims)`)
    if (own && own.outcome === "PASS") passed.push(`${what} (overall)`)
  }
  t.deepEqual(passed, [])
  t.true(count >= 2000, `${count} edits`)
})

onEachEngine("no changed byte of a payload's text turns a false claim into a pass", async (t, scene) => {
  const { payload, wrong, options } = await forgery(scene)
  const text = Buffer.from(JSON.stringify(payload))
  const random = randomly(2)
  const passed: string[] = []
  for (let i = 0; i < 2000; i++) {
    const edited = Buffer.from(text)
    const [at, to] = [random(text.length), 32 + random(95)]
    edited[at] = to
    const own = await evaluate(edited.toString("utf8"), { ...options, claims: wrong })
    if (own?.claims.some(({ outcome }) => outcome === "PASS")) passed.push(`${String.fromCharCode(to)} at ${at}`)
  }
  t.deepEqual(passed, [])
})
