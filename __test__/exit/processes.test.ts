import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import test from "ava"
import type { Verdict } from "../../index.js"
import { start, withTool } from "../../index.js"
import { json, startServer, type TestServer } from "../servers/server.js"
import { runChild } from "./child.js"
import { temporary } from "./folder.js"
import { passing, rowClaims } from "./stored.js"

let server: TestServer
test.before(async () => {
  server = await startServer((request, response) => {
    json(response, { row: Number(new URL(request.url!, "http://a").searchParams.get("row")), price: 42 })
  })
})
test.after.always(() => server.close())

const verdictOf = (line: string | undefined): Verdict => JSON.parse(line!) as Verdict

test.serial("a second process without a tool call is caught, however true the claim was yesterday", async (t) => {
  const dir = join(await temporary(t), "store")
  const claims = JSON.stringify([
    { action: "get", path: "price", equals: 42 },
    { path: "price", equals: 42 },
  ])
  const first = await runChild("say.ts", [dir, claims, `${server.url}/`])
  t.deepEqual([first.code, first.stderr], [0, ""])
  t.is(verdictOf(first.lines[0]).outcome, "PASS")
  const second = await runChild("say.ts", [dir, claims])
  t.deepEqual([second.code, second.stderr], [0, ""])
  const verdict = verdictOf(second.lines[0])
  t.is(verdict.outcome, "CAUGHT")
  for (const claim of verdict.claims) {
    t.is(claim.reason, "no_evidence")
    t.regex(claim.message, /\(last seen less than a minute ago, in another run\)/)
  }
})

test.serial("another process checks a payload with the verifier key alone", async (t) => {
  const folder = await temporary(t)
  const vouchsafe = await start({ dir: join(folder, "store") })
  await withTool({ name: "get" }, async () => (await fetch(server.url)).arrayBuffer())
  const file = join(folder, "payload.json")
  for (const [price, outcome] of [[42, "PASS"], [41, "CAUGHT"]] as const) {
    const payload = await vouchsafe.buildHandoffPayload([{ action: "get", path: "price", equals: price }])
    await writeFile(file, JSON.stringify(payload))
    const right = await runChild("check.ts", [file, vouchsafe.verifierKey], { cwd: folder })
    t.deepEqual([right.code, verdictOf(right.lines[0]).outcome], [0, outcome])
    const [name, , key] = vouchsafe.verifierKey.split(/\+(.{8})\+/)
    t.truthy(name && key)
    const without = await runChild("check.ts", [file], { cwd: folder })
    t.is(verdictOf(without.lines[0]).claims[0]!.reason, "unverifiable")
  }
  await vouchsafe.shutdown()
})

test.serial("two processes record into one store at once", async (t) => {
  const dir = join(await temporary(t), "store")
  const claims = JSON.stringify([{ action: "get", path: "price", equals: 42 }])
  const urls = Array.from({ length: 30 }, () => server.url)
  const both = await Promise.all([runChild("say.ts", [dir, claims, ...urls]), runChild("say.ts", [dir, claims, ...urls])])
  for (const ended of both) {
    t.deepEqual([ended.code, ended.stderr], [0, ""])
    t.is(verdictOf(ended.lines[0]).outcome, "PASS")
  }
})

for (const [way, code] of [["end", 0], ["shutdown", 3], ["indexing", 0]] as const) {
  test.serial(`a start that nobody awaits misses nothing: ${way}`, async (t) => {
    const dir = join(await temporary(t), "store")
    const urls = Array.from({ length: 20 }, (_, row) => `${server.url}/?row=${row}`)
    const ended = await runChild("unawaited.ts", [dir, way, ...urls])
    t.deepEqual([ended.code, ended.stderr, ended.hung], [code, "", false])
    t.is(await passing(dir, rowClaims(20), { runId: "child" }), 20)
  })
}

for (const [way, code, signal] of [["end", 0, null], ["exit", 7, null], ["throw", 1, null], ["SIGTERM", null, "SIGTERM"]] as const) {
  test.serial(`a process that ends while its store is being opened keeps what it fetched: ${way}`, async (t) => {
    const dir = join(await temporary(t), "store")
    const ended = await runChild("opening.ts", [dir, way, server.url])
    t.deepEqual([ended.code, ended.signal, ended.hung], [code, signal, false])
    t.is(await passing(dir, rowClaims(1), { runId: "child" }), 1, ended.lines.join())
  })
}
