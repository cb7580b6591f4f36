import test from "ava"
import { join } from "node:path"
import { start } from "../../index.js"
import { closedPort } from "../servers/server.js"
import { runCli } from "./run-cli.js"
import { removeFolders, temporaryFolder } from "./stored.js"

let dir: string
let rowId: string
test.before(async () => {
  dir = join(await temporaryFolder(), "store")
  const postgresUrl = `postgres://me:sesame@127.0.0.1:${await closedPort()}/x`
  const vouchsafe = await start({ dir, record: { http: false }, store: { postgresUrl } })
  rowId = vouchsafe.recordTool({ name: "a", output: 1 }).rowId
  await vouchsafe.shutdown()
})
test.after.always(removeFolders)

test("the log of a folder whose rows are committed elsewhere is not taken for an empty one", async (t) => {
  const out = join(await temporaryFolder(), "log")
  for (const command of [["audit"], ["export", out], ["proof", rowId]]) {
    const { exitCode, stdout, stderr } = await runCli([...command, "--dir", dir, "--json"])
    t.is(exitCode, 2, command[0])
    t.like(JSON.parse(stdout), { error: { code: "LOG_ELSEWHERE" } })
    t.regex(stderr, /committed there/)
  }
})

test("its key and the doctor say so, and the key stays the last line", async (t) => {
  const [text, json, doctor] = await Promise.all([
    runCli(["key", "--dir", dir]),
    runCli(["key", "--dir", dir, "--json"]),
    runCli(["doctor", "--dir", dir, "--json"]),
  ])
  const key = JSON.parse(json.stdout) as { elsewhere: boolean; vkey: string }
  t.true(key.elsewhere)
  t.regex(text.stdout, /committed to a log in Postgres/)
  t.is(text.stdout.trimEnd().split("\n").at(-1), key.vkey)
  const { findings } = JSON.parse(doctor.stdout) as { findings: { check: string; state: string; message: string }[] }
  const log = findings.find(({ check }) => check === "log")
  t.like(log, { state: "ok" })
  t.regex(log!.message, /^0 of 1 row copied to Postgres/)
})
