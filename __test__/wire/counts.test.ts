/** How many requests tool calls and claims make. */

import { claim, wireTest } from "./scene.js"

const TRUST = { allowBackendTrust: true }
/** So long that a verification asks for the commit, however slow the calls before it are. */
const ON_DEMAND = { debounceMs: 600_000 }
const SLOW = { preprocessMs: 100, proofMs: 50, verificationMs: 20 }

wireTest("ten calls make one preprocess, and ten claims on five of them five records", SLOW, async (t, { stub, agent, call }) => {
  const vouchsafe = await agent(ON_DEMAND)
  const refs: string[] = []
  for (let n = 0; n < 10; n++) refs.push(await call())
  const claims = Array.from({ length: 10 }, (_, n) => claim(refs[n % 5]!, 42))
  t.is((await vouchsafe.verify(claims, TRUST)).outcome, "PASS")
  const { preprocesses, records } = await stub.stats()
  t.deepEqual([preprocesses.length, records], [1, 5])
})

wireTest("with nothing new there is no preprocess", SLOW, async (t, { stub, agent, call }) => {
  const vouchsafe = await agent()
  const ref = await call()
  t.is((await vouchsafe.verify([claim(ref, 42)], TRUST)).outcome, "PASS")
  await stub.forget()
  t.is((await vouchsafe.verify([claim(ref, 42)], TRUST)).outcome, "PASS")
  t.is((await stub.stats()).endpoints["POST preprocess"], undefined)
})

wireTest("a backend with long poll is asked once for each wait", { ...SLOW, longPoll: true }, async (t, { stub, agent, call }) => {
  const vouchsafe = await agent(ON_DEMAND)
  // The first answer tells that the backend has it.
  t.is((await vouchsafe.verify([claim(await call(), 42)], TRUST)).outcome, "PASS")
  await stub.forget()
  t.is((await vouchsafe.verify([claim(await call(), 42)], TRUST)).outcome, "PASS")
  const { endpoints } = await stub.stats()
  // One for whether a run of somebody else is under way, one for the end of ours.
  t.is(endpoints["GET preprocess"], 2, JSON.stringify(endpoints))
  // One for the proof, one for its verification.
  t.is(endpoints["GET record"], 2, JSON.stringify(endpoints))
})

wireTest("a backend of the older generation is asked for each proof", { ...SLOW, proofOnRequest: true }, async (t, { stub, agent, call }) => {
  const vouchsafe = await agent()
  t.is((await vouchsafe.verify([claim(await call(), 42)], TRUST)).outcome, "PASS")
  t.is((await stub.stats()).endpoints["POST generate_proof"], 1)
})

wireTest("ten verifications at once have at most eight requests under way", { ...SLOW, requestMs: 20 }, async (t, { stub, agent, call }) => {
  const vouchsafe = await agent()
  const refs: string[] = []
  for (let n = 0; n < 10; n++) refs.push(await call())
  const verdicts = await Promise.all(refs.map((ref) => vouchsafe.verify(refs.map((one) => claim(one, one === ref ? 43 : 42)), TRUST)))
  for (const { outcome } of verdicts) t.is(outcome, "CAUGHT")
  const log = await stub.log()
  const underWay = log.map(({ at }) => log.filter((one) => one.at <= at && (one.answeredAt ?? Infinity) > at).length)
  t.true(Math.max(...underWay) <= 8, `${Math.max(...underWay)}`)
})
