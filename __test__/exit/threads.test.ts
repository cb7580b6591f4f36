import { join } from "node:path"
import test from "ava"
import { runChild } from "./child.js"
import { temporary } from "./folder.js"
import { passing, rowClaims } from "./stored.js"

const ROWS = 1000

for (const [title, how, code] of [
  ["a worker thread that is terminated", "alone", 0],
  ["a worker thread that is terminated beside a main thread that records", "beside", 0],
  ["process.exit while a worker thread is alive", "exit", 4],
] as const) {
  test.serial(`${title} leaves every accepted row on disk, and the process ends by itself`, async (t) => {
    const dir = join(await temporary(t), "store")
    const ended = await runChild("terminate.ts", [dir, String(ROWS), how])
    t.deepEqual([ended.code, ended.signal, ended.stderr, ended.hung], [code, null, "", false])
    t.is(await passing(dir, rowClaims(ROWS), { runId: "child" }), ROWS)
  })
}
