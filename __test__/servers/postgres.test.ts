import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import test from "ava"
import { startPostgres, type TestPostgres } from "./postgres.js"

const started = await startPostgres()
const here = "skip" in started ? test.skip : test.serial
const why = "skip" in started ? ` (skipped: ${started.skip})` : ""
const postgres = started as TestPostgres

test.after.always(() => postgres.close?.())

here(`databases are its own, and outlive a stop and a start${why}`, async (t) => {
  const [one, two] = [await postgres.createDatabase(), await postgres.createDatabase()]
  t.not(one, two)
  await postgres.psql(one, "CREATE TABLE numbers (n int, word text); INSERT INTO numbers VALUES (1, 'one'), (2, 'two')")
  await postgres.stop()
  await t.throwsAsync(postgres.psql(one, "SELECT 1"), { message: /onnection/ })
  await postgres.start()
  t.is(await postgres.psql(one, "SELECT * FROM numbers ORDER BY n"), "1|one\n2|two")
  await t.throwsAsync(postgres.psql(two, "SELECT * FROM numbers"), { message: /does not exist/ })
})

here(`its server and folder go when the process that started it is killed${why}`, async (t) => {
  const child = spawn(process.execPath, ["--import=tsx", fileURLToPath(new URL("postgres-alone.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string]
  const { folder, pid } = JSON.parse(line) as { folder: string; pid: number }
  t.true(existsSync(folder))
  child.kill("SIGKILL")
  const deadline = Date.now() + 30_000
  while ((existsSync(folder) || isAlive(pid)) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  t.false(existsSync(folder))
  t.false(isAlive(pid))
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
