import { closedPort } from "../servers/server.js"
import { call, onEachEngine, reasons } from "./scene.js"
import { buildHandoffPayload, evaluateHandoff, recordTool, withTool, type HandoffPayload, type Outcome, type Reason } from "../../index.js"

const OUTCOMES: Record<Reason, Outcome> = {
  supported: "PASS",
  contradicted: "CAUGHT",
  path_missing: "CAUGHT",
  no_evidence: "CAUGHT",
  failed_exchange: "CAUGHT",
  stale: "CAUGHT",
  untrusted_endpoint: "CAUGHT",
  proof_invalid: "CAUGHT",
  unverifiable: "ERROR",
  backend_unavailable: "ERROR",
  timeout: "ERROR",
}

onEachEngine("a verdict names the claimed and the actual value, the exchange and its proof", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/price": { json: { price: 42 } } })
  const callRef = await call(`${server.url}/price`, { tool: "get_price", id: "call_1" })
  const verdict = await vouchsafe.verify(
    [
      { callRef, path: "price", equals: 42, text: "It costs 42." },
      { toolCallId: "call_1", path: "price", equals: 41 },
      { callRef, path: "cost", equals: 42 },
    ],
    { bundles: true },
  )
  t.is(verdict.outcome, "CAUGHT")
  t.deepEqual(reasons(verdict), ["supported", "contradicted", "path_missing"])
  const [right, wrong, missing] = verdict.claims
  t.deepEqual([wrong!.claimed, wrong!.actual, wrong!.path], [41, 42, "price"])
  t.regex(wrong!.message, /^The claim says that `price` in the response of `get_price` \(status 200, at .+\) equals 41, but it is 42\.$/)
  t.regex(missing!.message, /no such place: it is an object with the keys price\.$/)
  t.is(right!.claim.text, "It costs 42.")
  const { evidence, proof } = right!
  t.like(evidence, { kind: "http", callRef, runId: vouchsafe.runId, action: "get_price", url: `${server.url}/price`, status: 200, candidates: 1 })
  t.true(Math.abs(Date.parse(evidence!.at) - Date.now()) < 60_000)
  t.like(proof, { size: verdict.checkpoint!.size, root: verdict.checkpoint!.root, covers: "call", form: "map", trust: "proof" })
  t.is((JSON.parse(proof!.bundle!) as { checkpoint: string }).checkpoint, verdict.checkpoint!.note)
  t.deepEqual(verdict.counts, { claims: 3, records: 2, requests: 6, polls: 0 })
  t.deepEqual(verdict.coverage.channels, ["undici", "http"])
  t.is(verdict.runId, vouchsafe.runId)
  t.true(verdict.timings.totalMs > 0)
})

onEachEngine("every outcome follows from its reason, and CAUGHT outranks ERROR outranks PASS", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/price": { json: { price: 42 } } })
  const good = await call(`${server.url}/price`, { tool: "price" })
  const gone = await closedPort()
  await call(`http://127.0.0.1:${gone}/`, { tool: "gone" }).catch(() => {})
  recordTool({ name: "old", output: 1, endedAt: Date.now() - 60_000 })
  recordTool({ name: "cut", output: "x".repeat(5 * 1024 * 1024) })
  const found = new Set<Reason>()
  async function outcome(claims: Parameters<typeof vouchsafe.verify>[0], options = {}): Promise<string> {
    const verdict = await vouchsafe.verify(claims, options)
    for (const claim of verdict.claims) {
      t.is(claim.outcome, OUTCOMES[claim.reason])
      found.add(claim.reason)
    }
    return verdict.outcome
  }
  const kinds = { expect: { kinds: ["http", "tool"] as ("http" | "tool")[] } }
  const pass = { callRef: good, path: "price", equals: 42 }
  const caught = { callRef: good, path: "price", equals: 43 }
  const error = { action: "cut", equals: "x" }
  t.is(await outcome([pass]), "PASS")
  t.is(await outcome([pass, error], kinds), "ERROR")
  t.is(await outcome([pass, error, caught], kinds), "CAUGHT")
  t.is(await outcome([{ callRef: good, path: "cost", equals: 42 }, { action: "never", equals: 1 }]), "CAUGHT")
  t.is(await outcome([{ action: "gone", equals: 1 }, { action: "old", equals: 1 }]), "CAUGHT")
  t.is(await outcome([{ action: "old", equals: 1, maxAgeMs: 59_000 }], kinds), "CAUGHT")
  const payload = await buildHandoffPayload([pass])
  Object.assign(row(payload), { agent_id: "other" })
  const tampered = await evaluateHandoff(payload)
  t.deepEqual([tampered.outcome, tampered.claims[0]!.reason], ["CAUGHT", "proof_invalid"])
  // So many rows take longer to commit than the next lines take to run.
  for (let i = 0; i < 30_000; i++) recordTool({ name: "busy", output: i })
  t.is(await outcome([pass, caught], { timeoutMs: 1 }), "ERROR")
  const late = outcome([pass, caught])
  await new Promise((resolve) => setImmediate(resolve))
  vouchsafe.shutdownSync()
  t.is(await late, "ERROR")
  found.add("proof_invalid")
  t.deepEqual([...found].toSorted(), Object.keys(OUTCOMES).toSorted())
})

/** The first row of a payload's first proof. */
function row(payload: HandoffPayload): Record<string, unknown> {
  const [bundle] = Object.values(payload["proofs"] as Record<string, { rows: { row: Record<string, unknown> }[] }>)
  return bundle!.rows[0]!.row
}

onEachEngine("no claims is an error and never a pass", async (t, scene) => {
  const vouchsafe = await scene.start()
  await withTool({ name: "idle" }, async () => {})
  const verdict = await vouchsafe.verify([])
  t.is(verdict.outcome, "ERROR")
  t.is(verdict.errors[0]?.code, "NO_CLAIMS")
})
