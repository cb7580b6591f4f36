import test from "ava"
import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { runCli } from "./run-cli.js"
import { contentOf, removeFolders, storedFolder, temporaryFolder, type Stored } from "./stored.js"

let stored: Stored
test.before(async () => {
  stored = await storedFolder()
})
test.after.always(removeFolders)

test("the log is exported with its checkpoint and its entries", async (t) => {
  const out = join(await temporaryFolder(), "log")
  const { exitCode, stdout } = await runCli(["export", out, "--dir", stored.dir, "--json"])
  t.is(exitCode, 0)
  t.deepEqual(Object.keys(JSON.parse(stdout) as object).sort(), ["bytes", "files", "origin", "root", "size"])
  t.true(existsSync(join(out, "checkpoint")))
  t.true(existsSync(join(out, "tile", "entries")))
})

test("a proof goes to stdout, and as JSON with its leaf", async (t) => {
  const [text, json] = await Promise.all([
    runCli(["proof", stored.rowId, "--dir", stored.dir]),
    runCli(["proof", stored.rowId, "--dir", stored.dir, "--json"]),
  ])
  t.deepEqual([text.exitCode, json.exitCode], [0, 0])
  const proof = JSON.parse(json.stdout) as { file: string; leaf: string }
  t.deepEqual(Object.keys(proof).sort(), ["file", "leaf"])
  t.is(proof.file, text.stdout)
})

test("a row that is not there is refused with words", async (t) => {
  const { exitCode, stdout } = await runCli([
    "proof",
    "01970000-0000-7000-8000-000000000000",
    "--dir",
    stored.dir,
    "--json",
  ])
  t.is(exitCode, 2)
  t.like(JSON.parse(stdout), { error: { code: "ROW_NOT_FOUND" } })
})

test("an audit of a sound store finds nothing, also against its own checkpoint, and changes nothing", async (t) => {
  const before = contentOf(stored.dir)
  const since = join(await temporaryFolder(), "checkpoint")
  await writeFile(since, stored.note)
  const { exitCode, stdout } = await runCli(["audit", "--since", since, "--dir", stored.dir, "--json"])
  t.is(exitCode, 0)
  t.like(JSON.parse(stdout), { ok: true, findings: [], findingsTotal: 0, since: { extends: true } })
  t.deepEqual(contentOf(stored.dir), before)
})

test("an audit of a store that was changed names the finding and exits with 2", async (t) => {
  const changed = await storedFolder()
  const database = join(changed.dir, "vouchsafe.db")
  const bytes = await readFile(database)
  const at = bytes.indexOf("9007199254740993, ")
  t.true(at > 0)
  bytes.write("9007199254740999", at)
  await writeFile(database, bytes)
  const { exitCode, stdout } = await runCli(["audit", "--dir", changed.dir])
  t.is(exitCode, 2)
  t.regex(stdout, /✗ 1 finding\n[^]*field_changed/)
})

test("--since takes a checkpoint's JSON too, and names the file that holds none", async (t) => {
  const files = await temporaryFolder()
  const [json, none, foreign] = ["json", "none", "foreign"].map((name) => join(files, name))
  await writeFile(json!, JSON.stringify({ size: "3", note: stored.note }))
  await writeFile(none!, "{}")
  await writeFile(foreign!, "not a note\n")
  const audit = (since: string) => runCli(["audit", "--since", since, "--dir", stored.dir])
  const ended = await Promise.all([audit(json!), audit(none!), audit(foreign!)])
  t.deepEqual(
    ended.map(({ exitCode }) => exitCode),
    [0, 2, 2],
  )
  t.regex(ended[1].stderr, /none holds no checkpoint: a checkpoint has a note\n$/)
  t.regex(ended[2].stderr, /foreign holds no checkpoint of this log: /)
})

test("with a key named nobody needs the right to read the signing key", async (t) => {
  const files = await temporaryFolder()
  // A folder cannot be read as a file, by no user.
  const env = { VOUCHSAFE_KEY_FILE: files }
  const file = join(files, "row.tlog-proof")
  const on = ["--dir", stored.dir, "--key", stored.vkey]
  const run = (...args: string[]) => runCli([...args, ...on], env)
  t.is((await run("proof", stored.rowId, "-o", file)).exitCode, 0)
  const ended = await Promise.all([
    run("audit"),
    run("export", join(files, "log")),
    run("check", file, "--row", stored.rowId),
    runCli(["audit", "--dir", stored.dir], env),
  ])
  t.deepEqual(
    ended.map(({ exitCode }) => exitCode),
    [0, 0, 0, 2],
  )
})

test("a log that another key signed is not proven by the key in its folder where one is named", async (t) => {
  const other = "other.example/key+f21fb7d7+AQHRCS8DK5Yroc/L9kd/mvulferGEFEVXIVuAOuBUEXa"
  t.is((await runCli(["audit", "--dir", stored.dir, "--key", other])).exitCode, 2)
})
