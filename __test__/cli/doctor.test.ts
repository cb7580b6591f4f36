import test from "ava"
import { chmod, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { start } from "../../index.js"
import { checkClock } from "../../src/cli/doctor/clock.js"
import { checkCoverage } from "../../src/cli/doctor/coverage.js"
import { checkDisk } from "../../src/cli/doctor/disk.js"
import { checkFolder } from "../../src/cli/doctor/folder.js"
import { checkKey } from "../../src/cli/doctor/key.js"
import type { Finding } from "../../src/cli/doctor/finding.js"
import { runCli } from "./run-cli.js"
import { contentOf, removeFolders, storedFolder, temporaryFolder } from "./stored.js"

test.after.always(removeFolders)

async function doctor(dir: string, env: NodeJS.ProcessEnv = {}) {
  const { exitCode, stdout } = await runCli(["doctor", "--dir", dir, "--json"], env)
  const report = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
  const of = (check: string) => report.findings.find((finding) => finding.check === check)
  return { exitCode, ...report, of }
}

test("of a sound folder everything is ok, also while it is open, and nothing in it changes", async (t) => {
  const { dir } = await storedFolder()
  const vouchsafe = await start({ dir, record: { http: false } })
  try {
    const before = contentOf(dir)
    const { exitCode, findings, of } = await doctor(dir)
    t.is(exitCode, 0)
    const checks = ["engine", "folder", "store", "wal", "open by", "key", "taps", "clock", "disk", "coverage"]
    t.deepEqual(
      findings.map(({ check }) => check),
      checks,
    )
    t.deepEqual(
      findings.filter(({ check, state }) => state !== "ok" && check !== "disk"),
      [],
    )
    t.regex(of("open by")!.message, new RegExp(`process ${process.pid} \\(native, shared\\)`))
    t.deepEqual(contentOf(dir), before)
  } finally {
    await vouchsafe.shutdown()
  }
})

test("a key and a folder that others may read are told with the way to mend them", async (t) => {
  const { dir } = await storedFolder()
  await chmod(dir, 0o755)
  await chmod(join(dir, "key"), 0o644)
  const { exitCode, of } = await doctor(dir)
  t.is(exitCode, 2)
  t.like(of("folder"), { state: "warning", mend: `chmod 700 ${dir}` })
  t.like(of("key"), { state: "broken", mend: `chmod 600 ${join(dir, "key")}` })
})

test("another log's key and a missing one are broken", async (t) => {
  const [one, two, other] = [await storedFolder(), await storedFolder(), await temporaryFolder()]
  await (await start({ dir: other, record: { http: false } })).shutdown()
  await rename(join(other, "key"), join(one.dir, "key"))
  await rm(join(two.dir, "key"))
  const [foreign, missing] = await Promise.all([doctor(one.dir), doctor(two.dir)])
  t.regex(foreign.of("key")!.message, /did not sign this log/)
  t.regex(missing.of("key")!.message, /is missing/)
  t.deepEqual([foreign.exitCode, missing.exitCode], [2, 2])
})

test("a database that is none is broken, and the other checks still speak", async (t) => {
  const { dir } = await storedFolder()
  await writeFile(join(dir, "vouchsafe.db"), "this is no database\n".repeat(500))
  const { exitCode, of } = await doctor(dir)
  t.is(exitCode, 2)
  t.like(of("store"), { state: "broken" })
  t.like(of("taps"), { state: "ok" })
})

test("a process that ended without closing the store is told", async (t) => {
  const { dir } = await storedFolder()
  const holder = { pid: 1, started: 0, boot: "another boot", engine: "native", mode: "shared" }
  await writeFile(join(dir, "owner"), `${JSON.stringify(holder)}\n`)
  const { exitCode, of } = await doctor(dir)
  t.is(exitCode, 0)
  t.like(of("open by"), { state: "warning" })
})

test("the taps are checked whatever the environment says of endpoints and keys", async (t) => {
  const { dir } = await storedFolder()
  const env = { VOUCHSAFE_TRUSTED_ENDPOINTS: "https://elsewhere.example", VOUCHSAFE_DEBOUNCE_MS: "nonsense" }
  const { of } = await doctor(dir, env)
  t.like(of("taps"), { state: "ok" })
})

test("a key that this user may not read, and a folder or database that it may not write, say whose right is missing", async (t) => {
  const { dir } = await storedFolder()
  const refusing = (refused: string) => (path: string) => {
    if (path === refused) throw Object.assign(new Error("no"), { code: "EACCES" })
  }
  const database = join(dir, "vouchsafe.db")
  const key = await checkKey(dir, refusing(join(dir, "key")))
  t.like(key, { state: "broken", mend: "run as the folder's owner, or give this user the right to read it" })
  for (const path of [dir, database]) {
    t.like(checkFolder(dir, refusing(path))[0], {
      state: "broken",
      message: `${path} cannot be written by this user: nothing can be recorded`,
    })
  }
})

test("a clock before what was recorded last, or before 2024, is broken", (t) => {
  const now = Date.UTC(2026, 0, 1)
  const at = (us: number | null) => ({ newestRowUs: us, newestSealUs: null })
  t.is(checkClock(at(now * 1000), now).state, "ok")
  t.is(checkClock(at((now + 1) * 1000), now).state, "broken")
  t.is(checkClock({ newestRowUs: null, newestSealUs: (now + 1) * 1000 }, now).state, "broken")
  t.is(checkClock(at(null), Date.UTC(2023, 0, 1)).state, "broken")
})

test("little disk space is a warning, by bytes or by share", (t) => {
  const disk = (bavail: number, blocks: number): string =>
    checkDisk(".", () => ({ bavail, blocks, bsize: 1024 ** 2 })).state
  t.deepEqual([disk(2048, 4096), disk(1000, 2000), disk(2048, 1_000_000)], ["ok", "warning", "warning"])
})

test("dropped exchanges and a recorder that never watched are warnings", (t) => {
  const states = checkCoverage({ coverage: null, gaps: 2 }).map(({ check, state }) => [check, state])
  t.deepEqual(states, [
    ["coverage", "warning"],
    ["gaps", "warning"],
  ])
})
