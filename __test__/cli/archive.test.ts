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
