import { join } from "node:path"
import test from "ava"
import { shutdown, start, StoreError } from "../../index.js"
import { temporary } from "../exit/folder.js"
import { startPostgres, type TestPostgres } from "../servers/postgres.js"
import { closedPort } from "../servers/server.js"

const started = await startPostgres()
const why = "skip" in started ? ` (skipped: ${started.skip})` : ""
const here = "skip" in started ? test.skip : test.serial
test.after.always(() => ("skip" in started ? undefined : started.close()))
test.afterEach.always(() => shutdown())

here(`the key of a log in Postgres is known when start resolves${why}`, async (t) => {
  const postgres = started as TestPostgres
  const postgresUrl = postgres.url(await postgres.createDatabase())
  const vouchsafe = await start({ dir: join(await temporary(t), "store"), store: { postgresUrl } })
  const key = vouchsafe.verifierKey
  t.regex(key, /^\S+\+[0-9a-f]{8}\+\S+$/)
  vouchsafe.recordTool({ name: "a", output: 1 })
  const payload = await vouchsafe.buildHandoffPayload([{ equals: 1 }])
  const verdict = await vouchsafe.evaluateHandoff(payload, { verifierKeys: [key], expect: { kinds: ["tool"] } })
  t.is(verdict.outcome, "PASS", JSON.stringify(verdict))
})

test.serial("start does not wait for a Postgres that is away, and the key says so", async (t) => {
  const began = performance.now()
  const postgresUrl = `postgres://me:sesame@127.0.0.1:${await closedPort()}/x`
  const vouchsafe = await start({ dir: join(await temporary(t), "store"), store: { postgresUrl } })
  t.true(performance.now() - began < 5_000)
  const error = t.throws(() => vouchsafe.verifierKey, { instanceOf: StoreError, code: "STORE_UNAVAILABLE" })
  t.regex(error!.message, /in Postgres, which has not answered yet/)
})
