/** The stub of the backend is what the wire is judged by, so it is judged itself. */

import test from "ava"
import { chain, early, type Logged } from "../../benchmarks/stub/log.js"
import { Faults } from "../../benchmarks/stub/faults.js"
import { DEFAULTS, type StubOptions } from "../../benchmarks/stub/options.js"
import { startStub, type Stub } from "../../benchmarks/stub/start.js"
import { startPostgres, type TestPostgres } from "./postgres.js"
import { until } from "./until.js"

const started = await startPostgres()
const here = "skip" in started ? test.skip : test
const why = "skip" in started ? ` (skipped: ${started.skip})` : ""
const postgres = started as TestPostgres
test.after.always(() => postgres.close?.())

const ORGANIZATION = "/api/v1/organizations/00000000-0000-4000-8000-000000000001"
const ROW = "11111111-1111-4111-8111-111111111111"
const TABLE = "CREATE TABLE intercepts (id uuid PRIMARY KEY, call_ref uuid, raw_response text)"
const SQL = `SELECT * FROM intercepts WHERE call_ref = '${ROW}'`

interface Registered {
  stub: Stub
  database: string
  middleware: string
  table: string
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body?: unknown): Promise<Response>
  query(sql: string): Promise<Response>
}

const field = async (response: Promise<Response>, name: string): Promise<string> =>
  String(((await (await response).json()) as Record<string, unknown>)[name])

/** A stub with one registered table of one row. */
async function registered(options: StubOptions = {}): Promise<Registered> {
  const stub = await startStub(options)
  const database = await postgres.createDatabase()
  await postgres.psql(database, `${TABLE}; INSERT INTO intercepts VALUES ('${ROW}', '${ROW}', '{"price":42}')`)
  const { username, password, host } = new URL(postgres.url(database))
  const get: Registered["get"] = (path, headers = {}) => fetch(`${stub.url}${ORGANIZATION}${path}`, { headers })
  const post: Registered["post"] = (path, body = {}) =>
    fetch(`${stub.url}${ORGANIZATION}${path}`, { method: "POST", body: JSON.stringify(body) })
  const middleware = await field(post("/middlewares/provably"), "id")
  await post(`/middlewares/${middleware}/databases`, { name: database, username, password, uri: host })
  const data = (await (await get("/data")).json()) as {
    middlewares: { databases: { schemas: { tables: { id: string }[] }[] }[] }[]
  }
  const table = data.middlewares[0]!.databases[0]!.schemas[0]!.tables[0]!.id
  const collection_id = await field(post("/collections", { name: "test", table_id: table }), "id")
  const query = (sql: string): Promise<Response> => post(`/middlewares/${middleware}/query`, { query: sql, collection_id })
  return { stub, database, middleware, table, get, post, query }
}

async function preprocess({ get, post, middleware, table }: Registered): Promise<void> {
  const path = `/middlewares/${middleware}/tables/${table}/preprocess`
  await post(path, { force: true })
  await until(() => field(get(path), "status"), (status) => status === "completed")
}

interface QueryRecord {
  result: { value: { columns: { name: string }[]; rows: unknown[][] } }
  proof: { status: string; verification_status: string }
}

here(`a query is proven when a preprocess covered its row, and verified when that was asked for${why}`, async (t) => {
  const scene = await registered({ proofMs: 60_000, verificationMs: 20 })
  await preprocess(scene)
  const ask = async (id: string): Promise<QueryRecord> => (await (await scene.get(`/queries/${id}`)).json()) as QueryRecord
  const unproven = await field(scene.query(SQL), "query_id")
  t.is((await ask(unproven)).proof.status, "Pending")
  t.is((await scene.post(`/queries/${unproven}/verify`)).status, 400)

  await scene.stub.change({ proofMs: 20 })
  const id = await field(scene.query(SQL), "query_id")
  const record = (): Promise<QueryRecord> => ask(id)
  const proven = await until(record, ({ proof }) => proof.status !== "Pending")
  t.like(proven.proof, { status: "Completed", verification_status: "Unverified" })
  const { columns, rows } = proven.result.value
  t.is(rows[0]![columns.findIndex(({ name }) => name === "raw_response")], '{"price":42}')
  t.is((await scene.post(`/queries/${id}/verify`)).status, 200)
  const verified = await until(record, ({ proof }) => proof.verification_status !== "Verifying")
  t.is(verified.proof.verification_status, "Verified")
  await scene.stub.close()
})

here(`the proof of a row that came after the preprocess has begun fails${why}`, async (t) => {
  const scene = await registered()
  await preprocess(scene)
  const late = "22222222-2222-4222-8222-222222222222"
  await postgres.psql(scene.database, `INSERT INTO intercepts VALUES ('${late}', '${late}', '{}')`)
  const id = await field(scene.query(SQL.replace(ROW, late)), "query_id")
  const record = (await (await scene.get(`/queries/${id}`)).json()) as QueryRecord
  t.is(record.proof.status, "Failed")
  await scene.stub.close()
})

here(`what is no query of the protocol's is refused${why}`, async (t) => {
  const scene = await registered()
  for (const sql of ["DROP TABLE intercepts", `${SQL}; DROP TABLE intercepts`, "SELECT * FROM intercepts WHERE nothing = 1"]) {
    t.is((await scene.query(sql)).status, 400, sql)
  }
  await scene.stub.close()
})

here(`a long poll answers when the state has changed, and says that it waited${why}`, async (t) => {
  const scene = await registered({ preprocessMs: 500, longPoll: true })
  const path = `/middlewares/${scene.middleware}/tables/${scene.table}/preprocess`
  await scene.post(path, { force: true })
  const answer = await scene.get(path, { prefer: "wait=10" })
  t.is(answer.headers.get("preference-applied"), "wait")
  t.is(((await answer.json()) as { status: string }).status, "completed")
  await scene.stub.close()
})

test("requests beyond the rate get 429 with a Retry-After, and those that come too soon are counted", async (t) => {
  const stub = await startStub({ perSecond: 2 })
  const ask = (): Promise<Response> => fetch(`${stub.url}/api/v1/organizations`)
  const answers = [await ask(), await ask(), await ask(), await ask()]
  t.deepEqual(answers.map(({ status }) => status), [200, 200, 429, 429])
  t.is(answers[2]!.headers.get("retry-after"), "1")
  t.like(await stub.stats(), { requests: 4, limited: 2, early: 1 })
  await stub.close()
})

test("a stub that was stopped comes back at its URL", async (t) => {
  const stub = await startStub()
  await stub.stop()
  await t.throwsAsync(fetch(stub.url))
  await stub.start()
  t.is((await fetch(`${stub.url}/api/v1/user/current`)).status, 200)
  await stub.close()
})

test("failures come as often as was said, and are the same for the same seed", (t) => {
  const draw = (seed: number): unknown[] => {
    const faults = new Faults({ ...DEFAULTS, unavailable: 0.2, resets: 0.1, seed })
    return Array.from({ length: 10_000 }, () => faults.next())
  }
  const drawn = draw(1)
  t.deepEqual(draw(1), drawn)
  t.notDeepEqual(draw(2), drawn)
  const share = (fault: string): number => drawn.filter((one) => one === fault).length / drawn.length
  t.true(Math.abs(share("unavailable") - 0.2) < 0.02)
  t.true(Math.abs(share("reset before") - 0.05) < 0.01)
  t.true(Math.abs(share("reset after") - 0.05) < 0.01)
})

const logged = (at: number, answeredAt: number, retryAfter: number | null = null): Logged => ({
  endpoint: "POST query",
  method: "POST",
  path: "/query",
  at,
  answeredAt,
  status: retryAfter === null ? 200 : 429,
  retryAfter,
})

test("requests that overlap are one round trip, and others several", (t) => {
  t.is(chain([logged(0, 20), logged(1, 21), logged(2, 22)], "POST query"), 1)
  t.is(chain([logged(0, 20), logged(1, 21), logged(20, 40)], "POST query"), 2)
})

test("a request is early until the Retry-After of the one before has passed", (t) => {
  t.is(early([logged(0, 20, 1), logged(1019, 1030)]).length, 1)
  t.is(early([logged(0, 20, 1), logged(1020, 1030)]).length, 0)
  // It was under way when the other was told.
  t.is(early([logged(0, 20, 1), logged(10, 30)]).length, 0)
})
