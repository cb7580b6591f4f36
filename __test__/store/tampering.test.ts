import { cp, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import test, { type ExecutionContext } from "ava"
import { start, StoreError, type Claim, type Verdict } from "../../index.js"
import { randomly } from "../conformance/mutations.js"
import { call } from "../conformance/scene.js"
import { temporary } from "../exit/folder.js"
import { json, startServer, type TestServer } from "../servers/server.js"
import { change } from "./database.js"

let server: TestServer
test.before(async () => {
  server = await startServer((_request, response) => json(response, { price: 42 }))
})
test.after.always(() => server.close())

interface Kept {
  folder: string
  dir: string
  claims: Claim[]
}

/** A store with a few calls in several commits, closed; the claims are on the first of them, by call and by row. */
async function kept(t: ExecutionContext): Promise<Kept> {
  const folder = await temporary(t)
  const dir = join(folder, "store")
  // No commit of its own accord: row 1 is leaf 3, behind the seal of the empty log, row 0 and its seal.
  const vouchsafe = await start({ dir, debounceMs: 3_600_000 })
  const calls: string[] = []
  for (let i = 0; i < 5; i++) {
    calls.push(await call(`${server.url}/${i}`, { method: "POST", body: "{}" }))
    if (i % 2 === 0) await vouchsafe.commit()
  }
  const callRef = calls[1]!
  const claim = { path: "price", equals: 42 }
  const verdict = await vouchsafe.verify([{ callRef, ...claim }])
  t.deepEqual([verdict.outcome, verdict.claims[0]!.proof!.index], ["PASS", "3"])
  await vouchsafe.shutdown()
  return { folder, dir, claims: [{ callRef, ...claim }, { rowId: verdict.claims[0]!.evidence!.rowId, ...claim }] }
}

interface Found {
  verdict: Verdict
  events: string[]
}

/** Opens the store, asks, and sees whether it still records. */
async function ask(t: ExecutionContext, dir: string, claims: Claim[]): Promise<Found> {
  const events: string[] = []
  const vouchsafe = await start({ dir, onEvent: ({ type }) => void events.push(type) })
  const verdict = await vouchsafe.verify(claims)
  const callRef = await call(server.url)
  await vouchsafe.flush()
  t.deepEqual([vouchsafe.stats().recorded, vouchsafe.stats().durable], [1, 1])
  const mine = await vouchsafe.verify([{ callRef, path: "price", equals: 42 }])
  t.is(mine.outcome === "PASS", !events.includes("damaged"))
  await vouchsafe.shutdown()
  return { verdict, events }
}

/** Applies a change to a copy of the store and asks about it. */
async function tampered(t: ExecutionContext, { folder, dir, claims }: Kept, sql: string): Promise<Found> {
  const copy = join(folder, "copy")
  await cp(dir, copy, { recursive: true, force: true })
  t.true(change(copy, sql) > 0, sql)
  return ask(t, copy, claims)
}

const FLIP = (column: string): string =>
  `CAST(substr(${column}, 1, 4) || char(unicode(substr(CAST(${column} AS TEXT), 5, 1)) + 1) || substr(${column}, 6) AS TEXT)`

/** What is set in the row, and the reasons by call and by row. */
const ROW_CHANGES: [string, string][] = [
  ["status", "status = 201"],
  ["method", "method = 'PUT'"],
  ["action", "action_name = 'other'"],
  ["agent", "agent_id = 'other'"],
  ["run", "run_id = 'other'"],
  ["tool call", "tool_call_id = 'call_1'"],
  ["parent", "parent = id"],
  ["outcome", "outcome = 'aborted'"],
  ["error", "error = 'none'"],
  ["context", "context = 'uncertain'"],
  ["truncated", "truncated = 1"],
  ["redacted", `redacted = '["response:$.price"]'`],
  ["start", "started_us = started_us + 1"],
  ["first byte", "first_byte_us = first_byte_us + 1"],
  ["end", "ended_us = ended_us - 1"],
  ["length", "body_length = body_length + 1"],
  ["body's commitment", "c_response = randomblob(32)"],
  ["URL's commitment", "c_url = NULL"],
  ["wire's commitment", "c_wire = zeroblob(32)"],
  ["body", `response = CAST('{"price":41}' AS BLOB)`],
  ["URL", "url = CAST('https://example.com/' AS BLOB)"],
  ["request headers", "request_headers = CAST('a: b' AS BLOB)"],
  ["response headers", "response_headers = CAST('a: b' AS BLOB)"],
  ["request body", "request = CAST('{}{}' AS BLOB)"],
]

test.serial("a row that is not what was committed is proof_invalid", async (t) => {
  const store = await kept(t)
  for (const [what, set] of ROW_CHANGES) {
    const { verdict, events } = await tampered(t, store, `UPDATE intercepts SET ${set} WHERE row_seq = 1`)
    t.deepEqual(verdict.claims.map(({ reason }) => reason), ["proof_invalid", "proof_invalid"], what)
    t.deepEqual(events, [], what)
  }
})

test.serial("a row that is changed so that its query misses it is found by the map, and no pass by its id", async (t) => {
  const store = await kept(t)
  const kind = await tampered(t, store, "UPDATE intercepts SET kind = 'email' WHERE row_seq = 1")
  t.is(kind.verdict.claims[0]!.reason, "unverifiable")
  t.is(kind.verdict.claims[1]!.reason, "unverifiable")
  const other = "'6f9619ff-8b86-4d01-b42d-00cf4fc964ff'"
  const moved = await tampered(t, store, `UPDATE intercepts SET call_ref = ${other} WHERE row_seq = 1`)
  t.is(moved.verdict.claims[0]!.reason, "proof_invalid")
  t.is(moved.verdict.claims[1]!.reason, "proof_invalid")
  const renamed = await tampered(t, store, `UPDATE intercepts SET id = ${other} WHERE row_seq = 1`)
  t.is(renamed.verdict.claims[0]!.reason, "proof_invalid")
  t.not(renamed.verdict.claims[1]!.outcome, "PASS")
})

test.serial("a key that does not open the fields supports nothing", async (t) => {
  const store = await kept(t)
  const lost = await tampered(t, store, "DELETE FROM row_keys WHERE row_seq = 1")
  t.deepEqual(lost.verdict.claims.map(({ reason }) => reason), ["unverifiable", "unverifiable"])
  const wrong = await tampered(t, store, "UPDATE row_keys SET key = randomblob(32) WHERE row_seq = 1")
  for (const claim of wrong.verdict.claims) t.not(claim.outcome, "PASS")
})

/** Changes of what is not the row, some of which are found on opening. */
const BROKEN: [string, string][] = [
  ["the row's leaf", `UPDATE leaves SET leaf = randomblob(113) WHERE leaf_index = 3`],
  ["the row's leaf, gone", `DELETE FROM leaves WHERE leaf_index = 3`],
  ["the last seal", `UPDATE leaves SET leaf = zeroblob(65) WHERE leaf_index = (SELECT max(leaf_index) FROM leaves)`],
  ["a tile", `UPDATE tiles SET hashes = randomblob(length(hashes)) WHERE level = 0`],
  ["a tile, cut", `UPDATE tiles SET hashes = substr(hashes, 1, 32) WHERE level = 0`],
  ["a tile, gone", `DELETE FROM tiles`],
  ["the root", `UPDATE commits SET root = zeroblob(32) WHERE size = (SELECT max(size) FROM commits)`],
  ["the note", `UPDATE commits SET note = ${FLIP("note")} WHERE size = (SELECT max(size) FROM commits)`],
  ["the note's signature", `UPDATE commits SET note = substr(note, 1, length(note) - 8) || 'AAAAAAA' || char(10) WHERE size = (SELECT max(size) FROM commits)`],
  ["the newest commit's rows", `UPDATE commits SET rows = rows + 1 WHERE size = (SELECT max(size) FROM commits)`],
  ["the newest commit's index", `UPDATE commits SET first_index = 1 WHERE size = (SELECT max(size) FROM commits)`],
  ["the row's commit", `UPDATE commits SET first_index = first_index + 1 WHERE first_row_seq <= 1 AND first_row_seq + rows > 1`],
  ["a column that is no number", `UPDATE intercepts SET status = 70000 WHERE row_seq = 1`],
  ["a column that is no list", `UPDATE intercepts SET redacted = '{' WHERE row_seq = 1`],
]

test.serial("a store that does not fit together is unverifiable, accuses nobody and goes on recording", async (t) => {
  const store = await kept(t)
  for (const [what, sql] of BROKEN) {
    const { verdict } = await tampered(t, store, sql)
    t.deepEqual(verdict.claims.map(({ reason }) => reason), ["unverifiable", "unverifiable"], what)
    t.is(verdict.outcome, "ERROR")
  }
})

test.serial("damage that opening finds is announced, and nothing is signed any more", async (t) => {
  const { dir, claims } = await kept(t)
  change(dir, "UPDATE tiles SET hashes = randomblob(length(hashes))")
  const events: { type: string; code: string }[] = []
  const vouchsafe = await start({ dir, onEvent: ({ type, code }) => void events.push({ type, code }) })
  const error = await t.throwsAsync(vouchsafe.commit(), { instanceOf: StoreError })
  t.is(error?.code, "STORE_CORRUPT")
  t.regex(error!.message, /^the store is damaged: /)
  await t.throwsAsync(vouchsafe.buildHandoffPayload(claims), { instanceOf: StoreError })
  t.deepEqual((await vouchsafe.verify(claims)).errors.map(({ code }) => code), ["STORE_CORRUPT"])
  t.deepEqual(events, [{ type: "damaged", code: "STORE_CORRUPT" }])
  await t.notThrowsAsync(vouchsafe.flush())
  await vouchsafe.shutdown()
})

test.serial("a byte flipped anywhere in the file makes no false claim true and no process hang", async (t) => {
  const { folder, dir, claims } = await kept(t)
  const file = await readFile(join(dir, "vouchsafe.db"))
  const random = randomly(3)
  const copy = join(folder, "copy")
  await cp(dir, copy, { recursive: true })
  const wrong = claims.map((claim) => ({ ...claim, equals: 43 }))
  const outcomes = new Set<string>()
  for (let round = 0; round < 150; round++) {
    const bytes = Buffer.from(file)
    for (let flips = 1 + random(8); flips > 0; flips--) bytes[random(bytes.length)]! ^= 1 << random(8)
    await writeFile(join(copy, "vouchsafe.db"), bytes)
    const found = await outcomeOf(copy, [...claims, ...wrong])
    outcomes.add(found)
    t.notRegex(found, /PASS$/)
  }
  t.true(outcomes.size > 2, [...outcomes].join(", "))

  /** The outcomes of the true and the false claims, or the error of a store that cannot even be opened. */
  async function outcomeOf(dir: string, asked: Claim[]): Promise<string> {
    try {
      const vouchsafe = await start({ dir, record: { http: false } })
      const verdict = await vouchsafe.verify(asked).finally(() => vouchsafe.shutdown())
      const [right, , second] = verdict.claims.map(({ outcome }) => outcome)
      if (verdict.claims[3]!.outcome === "PASS") return "PASS"
      return `${right} ${second}`
    } catch (error) {
      if (error instanceof StoreError) return error.code
      throw error
    }
  }
})
