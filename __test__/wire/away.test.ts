/** A backend or a PostgreSQL that goes away: nothing is lost, nothing comes twice, nobody is accused. */

import { until } from "../servers/until.js"
import { claim, wireTest } from "./scene.js"

const TRUST = { allowBackendTrust: true }
/** How long the agent tries to reach its backend. */
const TRIES_MS = 1500

wireTest("a backend that is gone is said, and the rows are committed when it is back", {}, async (t, { stub, agent, call }) => {
  const vouchsafe = await agent({}, TRIES_MS)
  t.is((await vouchsafe.verify([claim(await call(), 42)], TRUST)).outcome, "PASS")

  await stub.stop()
  const ref = await call()
  const verdict = await vouchsafe.verify([claim(ref, 42)], TRUST)
  t.is(verdict.outcome, "ERROR")
  t.is(verdict.claims[0]!.reason, "backend_unavailable", JSON.stringify(verdict))

  await stub.start()
  const { covered } = await until(() => stub.stats(), (stats) => stats.covered === 2)
  t.is(covered, 2)
  t.is((await vouchsafe.verify([claim(ref, 42), claim(ref, 43)], TRUST)).outcome, "CAUGHT")
})

wireTest("an agent that starts while its backend is gone records, and commits when it is there", {}, async (t, { stub, agent, call }) => {
  await stub.stop()
  const vouchsafe = await agent()
  const ref = await call()
  await stub.start()
  const { covered } = await until(() => stub.stats(), (stats) => stats.covered === 1)
  t.is(covered, 1)
  t.is((await vouchsafe.verify([claim(ref, 42)], TRUST)).outcome, "PASS")
})

wireTest("while PostgreSQL is gone tools go on, and their rows arrive later, in order, once", {}, async (t, { stub, postgres, database, agent, call }) => {
  const vouchsafe = await agent()
  t.is((await vouchsafe.verify([claim(await call("tool 0"), 42)], TRUST)).outcome, "PASS")

  await postgres.stop()
  const refs: string[] = []
  for (let n = 1; n <= 20; n++) refs.push(await call(`tool ${n}`))
  await vouchsafe.flush()
  const verdict = await vouchsafe.verify([claim(refs[0]!, 42)], TRUST)
  t.is(verdict.outcome, "ERROR")
  t.is(verdict.claims[0]!.reason, "backend_unavailable", JSON.stringify(verdict))

  await postgres.start()
  const { covered } = await until(() => stub.stats(), (stats) => stats.covered === 21)
  t.is(covered, 21)
  const names = await postgres.psql(database, "SELECT action_name FROM intercepts ORDER BY created_at, id")
  t.deepEqual(names.split("\n"), Array.from({ length: 21 }, (_, n) => `tool ${n}`))
  t.is((await vouchsafe.verify(refs.map((ref) => claim(ref, 42)), TRUST)).outcome, "PASS")
})

wireTest("what a process left behind is committed by the next on the folder", { preprocessMs: 200 }, async (t, { stub, agent, call }) => {
  await stub.stop()
  const first = await agent()
  const ref = await call()
  await first.shutdown()

  await stub.start()
  const second = await agent()
  const { covered } = await until(() => stub.stats(), (stats) => stats.covered === 1)
  t.is(covered, 1)
  t.is((await second.verify([claim(ref, 42)], TRUST)).outcome, "PASS")
})
