import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import test from "ava"
import { start, type Checkpoint } from "../../index.js"
import { json, startServer } from "../servers/server.js"
import { spawnChild } from "./child.js"
import { temporary } from "./folder.js"
import { rowClaims } from "./stored.js"

const ROUNDS = 20

test.serial("kill -9 at any moment loses nothing that was acknowledged, and the log goes on", async (t) => {
  const dir = join(await temporary(t), "store")
  const server = await startServer((request, response) => {
    json(response, { row: Number(new URL(request.url!, "http://a").searchParams.get("row")) })
  })
  t.teardown(() => server.close())
  const expect = { kinds: ["http", "tool"] as ("http" | "tool")[] }
  const acknowledged = new Map<string, number>()
  let newest: Checkpoint | null = null
  for (let round = 0; round < ROUNDS; round++) {
    const runId = `run-${round}`
    const child = spawnChild("work.ts", [dir, runId, server.url])
    t.is(await child.line(), "begun")
    // A random moment is what is tested, so that a timer is what is needed.
    await setTimeout(Math.random() * 150)
    child.process.kill("SIGKILL")
    const { signal, lines, stderr } = await child.ended
    t.deepEqual([signal, stderr], ["SIGKILL", ""])
    const rows = Number(lines.findLast((line) => line.startsWith("rows "))?.slice(5) ?? 0)
    const checkpoint = lines.findLast((line) => line.startsWith("checkpoint "))
    if (checkpoint) newest = JSON.parse(checkpoint.slice(11)) as Checkpoint
    acknowledged.set(runId, rows)

    const vouchsafe = await start({ dir, record: { http: false } })
    const after = newest ? { after: newest } : {}
    if (rows > 0) {
      const verdict = await vouchsafe.verify(rowClaims(rows), { runId, expect, ...after })
      t.is(verdict.outcome, "PASS", `${rows} rows of round ${round}: ${JSON.stringify(verdict.claims.find(({ outcome }) => outcome !== "PASS"))}`)
    }
    const now: Checkpoint = await vouchsafe.commit()
    t.true(newest === null || BigInt(now.size) >= BigInt(newest.size))
    newest = now
    await vouchsafe.shutdown()
  }
  const total = [...acknowledged.values()].reduce((sum, rows) => sum + rows, 0)
  t.true(total > ROUNDS, `${total} rows were acknowledged`)
  const vouchsafe = await start({ dir, record: { http: false } })
  for (const [runId, rows] of acknowledged) {
    if (rows > 0) t.is((await vouchsafe.verify(rowClaims(rows), { runId, expect })).outcome, "PASS", runId)
  }
  await vouchsafe.shutdown()
})
