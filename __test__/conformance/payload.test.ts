import { cp, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { evaluateHandoff, InvalidPayloadError, start, type HandoffPayload, type Vouchsafe } from "../../index.js"
import { call, onEachEngine, reasons, type Scene } from "./scene.js"

async function payloadOf(scene: Scene): Promise<{ vouchsafe: Vouchsafe; payload: HandoffPayload; callRef: string }> {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/price": { json: { price: 42 } } })
  const callRef = await call(`${server.url}/price`, { tool: "price" })
  const claims = [{ callRef, path: "price", equals: 42 }, { action: "price", path: "price", equals: 42 }]
  return { vouchsafe, payload: await vouchsafe.buildHandoffPayload(claims), callRef }
}

const copy = (payload: HandoffPayload): HandoffPayload => structuredClone(payload)

onEachEngine("a payload is plain JSON and is evaluated with the verifier key alone", async (t, scene) => {
  const { vouchsafe, payload } = await payloadOf(scene)
  const verifierKeys = [vouchsafe.verifierKey]
  await vouchsafe.shutdown()
  const text = JSON.stringify(payload)
  t.is(payload.contract_version, "2.0")
  t.is((await evaluateHandoff(JSON.parse(text) as HandoffPayload, { verifierKeys })).outcome, "PASS")
  t.is((await evaluateHandoff(text, { verifierKeys })).outcome, "PASS")
  t.is((await evaluateHandoff({ ...payload, something: "else" }, { verifierKeys })).outcome, "PASS")
})

onEachEngine("another log's key makes every claim unverifiable and the signer is named", async (t, scene) => {
  const { vouchsafe, payload } = await payloadOf(scene)
  const origin = vouchsafe.verifierKey.split("+", 1)[0]!
  const other = await start({ dir: join(scene.folder, "other"), record: { http: false } })
  const verdict = await other.evaluateHandoff(payload)
  t.deepEqual([verdict.outcome, ...reasons(verdict)], ["ERROR", "unverifiable", "unverifiable"])
  t.true(verdict.claims[0]!.message.includes(`signed by ${origin}`))
  t.is(verdict.checkpoint, null)
  const both = { verifierKeys: [other.verifierKey, vouchsafe.verifierKey] }
  t.is((await other.evaluateHandoff(payload, both)).outcome, "PASS")
  t.is((await other.evaluateHandoff(payload, { verifierKeys: [] })).outcome, "ERROR")
  await writeFile(join(scene.folder, "other", "trusted-keys"), `# theirs\n\n${vouchsafe.verifierKey}\n`)
  t.is((await other.evaluateHandoff(payload)).outcome, "PASS")
  t.is((await other.verify([{ equals: 1 }])).claims[0]!.reason, "unverifiable")
})

onEachEngine("a key of the same name that signed nothing here is an accusation", async (t, scene) => {
  const { vouchsafe, payload } = await payloadOf(scene)
  const forged = copy(payload)
  const note = String(forged["checkpoint"])
  const signature = note.slice(note.lastIndexOf(" ") + 1).trim()
  const bytes = Buffer.from(signature, "base64")
  bytes[40]! ^= 1
  forged["checkpoint"] = note.replace(signature, bytes.toString("base64"))
  const verdict = await vouchsafe.evaluateHandoff(forged)
  t.deepEqual([verdict.outcome, ...reasons(verdict)], ["CAUGHT", "proof_invalid", "proof_invalid"])
})

onEachEngine("a payload without its proofs, seal or checkpoint is unverifiable", async (t, scene) => {
  const { vouchsafe, payload } = await payloadOf(scene)
  for (const key of ["proofs", "seal", "checkpoint"]) {
    for (const without of [undefined, null, key === "proofs" ? {} : key === "seal" ? { index: "1" } : "text"]) {
      const stripped = copy(payload)
      if (without === undefined) delete stripped[key]
      else stripped[key] = without
      const verdict = await vouchsafe.evaluateHandoff(stripped)
      t.deepEqual(reasons(verdict), ["unverifiable", "unverifiable"], `${key}: ${JSON.stringify(without)}`)
    }
  }
})

onEachEngine("an older checkpoint is told by `after`, age and fork", async (t, scene) => {
  const { vouchsafe, payload, callRef } = await payloadOf(scene)
  const server = await scene.serve({ "/": { json: {} } })
  const before = await vouchsafe.commit()
  await call(server.url)
  const after = await vouchsafe.commit()
  t.true(BigInt(after.size) > BigInt(before.size))
  t.deepEqual(await vouchsafe.commit(), after)
  const old = await vouchsafe.evaluateHandoff(payload, { after })
  t.deepEqual([old.outcome, ...reasons(old)], ["ERROR", "unverifiable", "unverifiable"])
  t.regex(old.claims[0]!.message, /not shown to extend the one given as `after`: it is older, of size 3/)
  const claims = [{ callRef, path: "price", equals: 42 }]
  t.is((await vouchsafe.verify(claims, { after: before })).outcome, "PASS")
  t.is((await vouchsafe.verify(claims, { after })).outcome, "PASS")
  const unproven = await vouchsafe.evaluateHandoff(await vouchsafe.buildHandoffPayload(claims), { after: before })
  t.regex(unproven.claims[0]!.message, /no consistency proof/)
  const forked = { ...before, root: Buffer.alloc(32, 7).toString("base64") }
  t.is((await vouchsafe.verify(claims, { after: forked })).claims[0]!.reason, "unverifiable")
  const other = { ...before, origin: "elsewhere" }
  t.is((await vouchsafe.verify(claims, { after: other })).claims[0]!.reason, "unverifiable")
})

onEachEngine("a checkpoint that is too old is stale", async (t, scene) => {
  const { vouchsafe, payload } = await payloadOf(scene)
  t.is((await vouchsafe.evaluateHandoff(payload, { maxCheckpointAgeMs: 60_000 })).outcome, "PASS")
  while (Date.now() < Date.parse(String((payload["coverage"] as { since: string }).since)) + 50);
  const verdict = await vouchsafe.evaluateHandoff(payload, { maxCheckpointAgeMs: 0 })
  t.deepEqual([verdict.outcome, ...reasons(verdict)], ["CAUGHT", "stale", "stale"])
})

onEachEngine("the evaluator's own claims are put to the payload's proofs", async (t, scene) => {
  const { vouchsafe, payload, callRef } = await payloadOf(scene)
  const evaluate = async (claims: Parameters<Vouchsafe["evaluateHandoff"]>[1] & object) =>
    vouchsafe.evaluateHandoff(payload, claims)
  const own = await evaluate({
    claims: [
      { callRef, path: "price", between: { min: 40, max: 43 } },
      { action: "price", part: "status", equals: 200 },
      { callRef, path: "price", equals: 41 },
      { action: "cost", path: "price", equals: 42 },
    ],
  })
  t.deepEqual(reasons(own), ["supported", "supported", "contradicted", "unverifiable"])
  t.regex(own.claims[3]!.message, /no proof that answers this claim/)
  t.is((await evaluate({ claims: [] })).outcome, "ERROR")
})

onEachEngine("a claim on another claim's proof is unverifiable", async (t, scene) => {
  const { vouchsafe } = await payloadOf(scene)
  const server = await scene.serve({ "/a": { json: { v: 1 } }, "/b": { json: { v: 2 } } })
  const [a, b] = [await call(`${server.url}/a`, { tool: "a" }), await call(`${server.url}/b`, { tool: "b" })]
  const payload = await vouchsafe.buildHandoffPayload([
    { callRef: a, path: "v", equals: 2 },
    { callRef: b, path: "v", equals: 2 },
    { action: "a", path: "v", equals: 2 },
    { action: "b", path: "v", equals: 2 },
  ])
  const claims = payload.claims as { query_id: string }[]
  for (const [to, from] of [[0, 1], [2, 3], [0, 3], [2, 1]] as const) {
    const swapped = copy(payload)
    ;(swapped.claims as typeof claims)[to]!.query_id = claims[from]!.query_id
    t.is((await vouchsafe.evaluateHandoff(swapped)).claims[to]!.reason, "unverifiable")
  }
  const proofs = payload["proofs"] as Record<string, unknown>
  const renamed = copy(payload)
  renamed["proofs"] = { ...proofs, [claims[0]!.query_id]: proofs[claims[1]!.query_id] }
  t.is((await vouchsafe.evaluateHandoff(renamed)).claims[0]!.reason, "unverifiable")
})

onEachEngine("what is no payload at all is refused", async (t, scene) => {
  const { vouchsafe } = await payloadOf(scene)
  for (const text of ["", "[]", "null", "{", '{"claims":{}}', '{"claims":[],"claims":[]}', "[".repeat(10_000)]) {
    const error = await t.throwsAsync(vouchsafe.evaluateHandoff(text), { instanceOf: InvalidPayloadError }, text.slice(0, 40))
    t.regex(error?.message ?? "", /^this is no payload: /)
  }
  t.is((await vouchsafe.evaluateHandoff("{}")).outcome, "ERROR")
})

onEachEngine("a store that was copied away and goes on signing is another history", async (t, scene) => {
  const { vouchsafe, callRef } = await payloadOf(scene)
  const before = await vouchsafe.commit()
  await vouchsafe.shutdown()
  const fork = join(scene.folder, "fork")
  await mkdir(fork)
  await cp(scene.dir, fork, { recursive: true })
  const server = await scene.serve({ "/": { json: {} } })
  const here = await scene.start()
  await call(server.url)
  const ours = await here.commit()
  await here.shutdown()
  const there = await start({ dir: fork })
  await call(server.url)
  await call(server.url)
  const theirs = await there.commit()
  t.is((await there.verify([{ callRef, path: "price", equals: 42 }], { after: before })).outcome, "PASS")
  t.true(BigInt(theirs.size) > BigInt(ours.size))
  const forked = await there.verify([{ callRef, path: "price", equals: 42 }], { after: ours })
  t.deepEqual(reasons(forked), ["unverifiable"])
})
