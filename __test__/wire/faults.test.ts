/** What a backend that is slow, limited or failing must not do to a verdict. */

import { claim, wireTest } from "./scene.js"

const TRUST = { allowBackendTrust: true }
/** However busy the machine is; less than the minute that the slow backend takes. */
const IN_TIME_MS = 20_000

wireTest(
  "a backend that admits two requests a second gets none before its Retry-After, and all completes",
  { perSecond: 2 },
  async (t, { stub, agent, call }) => {
    const vouchsafe = await agent()
    const [one, two] = [await call(), await call()]
    // One after the other: what was on its way when the other one was refused would seem to come too early.
    for (const [asked, reason] of [
      [claim(one, 42), "supported"],
      [claim(two, 43), "contradicted"],
    ] as const) {
      const verdict = await vouchsafe.verify([asked], TRUST)
      t.is(verdict.claims[0]!.reason, reason, JSON.stringify(verdict))
    }
    const { limited, early } = await stub.stats()
    t.true(limited > 0)
    t.is(early, 0)
  },
)

for (const seed of [1, 2, 3, 4, 5]) {
  wireTest(
    `three requests in ten that fail change no verdict (seed ${seed})`,
    { unavailable: 0.2, resets: 0.1, seed, preprocessMs: 50, proofMs: 20, verificationMs: 10 },
    async (t, { stub, agent, call }) => {
      const vouchsafe = await agent()
      const refs: string[] = []
      for (let n = 0; n < 5; n++) refs.push(await call())
      const verdict = await vouchsafe.verify(refs.map((ref, n) => claim(ref, n === 4 ? 43 : 42)), TRUST)
      const supported = ["supported", "supported", "supported", "supported"]
      t.deepEqual(verdict.claims.map(({ reason }) => reason), [...supported, "contradicted"], JSON.stringify(verdict))
      t.true((await stub.stats()).failed > 0)
    },
  )
}

wireTest("a backend that does nothing but fail accuses nobody", { unavailable: 0.7, resets: 0.3 }, async (t, { agent, call }) => {
  const vouchsafe = await agent({}, 2000)
  const verdict = await vouchsafe.verify([claim(await call(), 42)], TRUST)
  t.is(verdict.outcome, "ERROR")
  t.is(verdict.claims[0]!.reason, "backend_unavailable", JSON.stringify(verdict))
})

wireTest("a failed preprocess fails what waits for it, and is made again", { failingPreprocesses: 1 }, async (t, { stub, agent, call }) => {
  const vouchsafe = await agent()
  const claims = [claim(await call(), 42)]
  const failed = await vouchsafe.verify(claims, TRUST)
  t.is(failed.outcome, "ERROR", JSON.stringify(failed))
  t.is((await vouchsafe.verify(claims, TRUST)).outcome, "PASS")
  t.deepEqual((await stub.stats()).preprocesses.map(({ status }) => status), ["error", "completed"])
})

wireTest("a backend that takes longer than the timeout is an error in time", { preprocessMs: 60_000 }, async (t, { agent, call }) => {
  const vouchsafe = await agent()
  const began = performance.now()
  const verdict = await vouchsafe.verify([claim(await call(), 42)], { ...TRUST, timeoutMs: 1000 })
  t.true(performance.now() - began < IN_TIME_MS)
  t.is(verdict.outcome, "ERROR")
  t.is(verdict.claims[0]!.reason, "timeout", JSON.stringify(verdict))
})

wireTest("an abort ends the wait for the backend with its reason", { preprocessMs: 60_000 }, async (t, { agent, call }) => {
  const vouchsafe = await agent()
  const controller = new AbortController()
  const verdict = vouchsafe.verify([claim(await call(), 42)], { ...TRUST, signal: controller.signal })
  const why = new Error("the user left")
  controller.abort(why)
  t.is(await t.throwsAsync(verdict), why)
})
