import { once } from "node:events"
import { setImmediate } from "node:timers/promises"
import { startThread } from "../exit/thread.js"
import { recordTool, withTool, type Vouchsafe } from "../../index.js"
import { json } from "../servers/server.js"
import { call, onEachEngine, reasons, type Scene } from "./scene.js"

interface Recording {
  /** How many rows it had accepted at this moment. */
  accepted(): number
  begin(round: number): void
  end(): Promise<unknown>
}

async function recording({ dir, engine }: Scene, name: string, url: string | null): Promise<Recording> {
  const shared = new Int32Array(new SharedArrayBuffer(12))
  const thread = startThread(new URL("recording-thread.ts", import.meta.url), { dir, engine, name, url, shared })
  const failed = once(thread, "error").then(([error]) => Promise.reject(error as Error))
  await Promise.race([once(thread, "message"), failed])
  failed.catch(() => {})
  return {
    accepted: () => Atomics.load(shared, 1),
    begin: (round) => {
      Atomics.store(shared, 0, round)
      Atomics.notify(shared, 0)
    },
    end: () => {
      const ended = once(thread, "exit")
      Atomics.store(shared, 2, 1)
      Atomics.notify(shared, 0)
      return ended
    },
  }
}

const ROUNDS = 2000

for (const [what, isFetch] of [["reports", false], ["fetches", true]] as const) {
  onEachEngine(`each payload reflects the highest row accepted before the call: ${what} of two threads`, async (t, scene) => {
    const vouchsafe = await scene.start({ record: { http: isFetch } })
    const server = await scene.serve({
      "/": (request, response) => json(response, { row: Number(new URL(request.url!, "http://a").searchParams.get("row")) }),
    })
    const url = isFetch ? server.url : null
    const threads = await Promise.all(["left", "right"].map((name) => recording(scene, name, url)))
    const rounds = isFetch ? ROUNDS / 4 : ROUNDS
    const missed: string[] = []
    for (const thread of threads) thread.begin(-1)
    while (threads.some((thread) => thread.accepted() === 0)) await setImmediate()
    for (let round = 1; round <= rounds; round++) {
      for (const thread of threads) thread.begin(round)
      // The threads go on recording while the payload is being built.
      if (round % 3 === 0) await setImmediate()
      const claims = ["left", "right"].map((action, thread) => ({
        action,
        path: "row",
        between: { min: threads[thread]!.accepted() - 1 },
      }))
      const payload = await vouchsafe.buildHandoffPayload(claims, { runId: "shared" })
      const verdict = await vouchsafe.evaluateHandoff(payload, { expect: { kinds: ["http", "tool"] } })
      if (verdict.outcome !== "PASS") missed.push(`round ${round}: ${verdict.claims.map(({ message }) => message).join(" ")}`)
    }
    await Promise.all(threads.map((thread) => thread.end()))
    t.deepEqual(missed, [])
    const total = threads.reduce((sum, thread) => sum + thread.accepted(), 0)
    t.true(total >= rounds, `${total} rows`)
    t.is(vouchsafe.stats().recorded, total)
    t.is(vouchsafe.stats().dropped, 0)
  })
}

onEachEngine("ten verifications at once put at most eight calls to the backend", async (t, scene) => {
  const vouchsafe = await scene.start()
  for (let i = 0; i < 200; i++) recordTool({ name: `tool-${i}`, output: i })
  const claims = Array.from({ length: 20 }, (_, i) => i)
  const verdicts = await Promise.all(
    Array.from({ length: 10 }, (_, ten) =>
      vouchsafe.verify(
        claims.map((i) => ({ action: `tool-${ten * 20 + i}`, equals: ten * 20 + i })),
        { expect: { kinds: ["tool"] } },
      ),
    ),
  )
  for (const verdict of verdicts) t.is(verdict.outcome, "PASS")
  const { maxInFlight, queryRecords, requests } = vouchsafe.stats()
  t.true(maxInFlight >= 1 && maxInFlight <= 8, `${maxInFlight} in flight`)
  t.deepEqual([queryRecords, requests], [200, 600])
})

onEachEngine("maxConcurrency is the limit of the engine and of one call", async (t, scene) => {
  const vouchsafe = await scene.start({ maxConcurrency: 3 })
  for (let i = 0; i < 50; i++) recordTool({ name: `tool-${i}`, output: i })
  const claims = Array.from({ length: 50 }, (_, i) => ({ action: `tool-${i}`, equals: i }))
  const options = { expect: { kinds: ["tool"] as ["tool"] } }
  await vouchsafe.verify(claims, { ...options, maxConcurrency: 1 })
  t.is(vouchsafe.stats().maxInFlight, 1)
  await Promise.all(Array.from({ length: 5 }, () => vouchsafe.verify(claims, options)))
  t.true(vouchsafe.stats().maxInFlight <= 3)
})

/** Waits until the engine's counters are so. */
async function until(vouchsafe: Vouchsafe, holds: (stats: ReturnType<Vouchsafe["stats"]>) => boolean): Promise<void> {
  while (!holds(vouchsafe.stats())) await setImmediate()
}

onEachEngine("ten tool calls in a row are one preprocess, and none on the tool's path", async (t, scene) => {
  const vouchsafe = await scene.start({ debounceMs: 1000 })
  const server = await scene.serve({ "/": { json: {} } })
  for (let i = 0; i < 10; i++) {
    await call(server.url)
    t.is(vouchsafe.stats().preprocessRuns, 0)
  }
  await until(vouchsafe, ({ committed }) => committed === 10)
  t.is(vouchsafe.stats().preprocessRuns, 1)
  await call(server.url)
  await vouchsafe.verify([{ equals: 1 }])
  t.is(vouchsafe.stats().preprocessRuns, 2)
  await vouchsafe.verify([{ equals: 1 }])
  t.is(vouchsafe.stats().preprocessRuns, 2)
})

onEachEngine("steady traffic cannot put off the commit", async (t, scene) => {
  const vouchsafe = await scene.start({ debounceMs: 50 })
  const began = performance.now()
  let rows = 0
  while (vouchsafe.stats().preprocessRuns < 3 && performance.now() - began < 10_000) {
    recordTool({ name: "steady", output: rows++ })
    await setImmediate()
  }
  const { preprocessRuns, committed } = vouchsafe.stats()
  t.is(preprocessRuns, 3)
  t.true(committed > 0 && committed <= rows)
  t.true(performance.now() - began >= 100)
})

onEachEngine("ten claims on five calls are five query records", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/": { json: { a: 1, b: 2 } } })
  const calls = await Promise.all(Array.from({ length: 5 }, () => call(server.url)))
  const claims = [...calls, ...calls].map((callRef, i) => ({ callRef, path: i < 5 ? "a" : "b", equals: i < 5 ? 1 : 2 }))
  const verdict = await vouchsafe.verify(claims)
  t.is(verdict.outcome, "PASS")
  t.deepEqual(verdict.counts, { claims: 10, records: 5, requests: 15, polls: 0 })
  t.is(vouchsafe.stats().queryRecords, 5)
})

onEachEngine("concurrent tool calls keep their rows apart", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/": (request, response) => json(response, { n: Number(new URL(request.url!, "http://a").searchParams.get("n")) }),
  })
  const claims = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      withTool({ name: "get" }, async ({ callRef }) => {
        await (await fetch(`${server.url}/?n=${n}`)).text()
        return { callRef, path: "n", equals: n }
      }),
    ),
  )
  const verdict = await vouchsafe.verify(claims)
  t.deepEqual(new Set(reasons(verdict)), new Set(["supported"]))
})
