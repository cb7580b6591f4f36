import test from "ava"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Verdict } from "../../index.js"
import { runCli } from "./run-cli.js"
import { contentOf, removeFolders, storedFolder, temporaryFolder, type Stored } from "./stored.js"

/** A key that signed nothing here. */
const OTHER = "other.example/key+f21fb7d7+AQHRCS8DK5Yroc/L9kd/mvulferGEFEVXIVuAOuBUEXa"

let stored: Stored
let files: string
test.before(async () => {
  stored = await storedFolder()
  files = await temporaryFolder()
  await writeFile(join(files, "honest.json"), JSON.stringify(stored.honest))
  await writeFile(join(files, "caught.json"), JSON.stringify(stored.caught))
  await writeFile(join(files, "bundle.json"), stored.bundle)
})
test.after.always(removeFolders)

const check = (file: string, ...args: string[]) => runCli(["check", join(files, file), ...args], { COLUMNS: "80" })

test("a payload's verdict is the exit code, and each claim is told", async (t) => {
  const [honest, caught] = await Promise.all([
    check("honest.json", "--key", stored.vkey),
    check("caught.json", "--key", stored.vkey),
  ])
  t.deepEqual([honest.exitCode, caught.exitCode], [0, 1])
  t.regex(honest.stdout, /✓ PASS {4}the price is right\n[^]*1 of 1 claim with proof[^]*Verdict: PASS\n$/)
  t.regex(honest.stdout, / proof +leaf \d+ of \d+\n +covers +call: [^]*\n +limits +[A-Z]/)
  t.regex(caught.stdout, /✗ CAUGHT {2}the price is \\u001b\[31m42\n[^]*but it is 9007199254740993/)
})

test("without a key that signed it a payload is an error, and says whose key is missing", async (t) => {
  const { exitCode, stdout } = await check("honest.json", "--key", OTHER, "--json")
  t.is(exitCode, 2)
  const verdict = JSON.parse(stdout) as Verdict
  t.like(verdict, { outcome: "ERROR" })
  t.is(verdict.claims[0]?.reason, "unverifiable")
})

test("a payload comes from stdin too, and the key from the folder's own", async (t) => {
  const before = contentOf(stored.dir)
  const { exitCode } = await runCli(["check", "-", "--dir", stored.dir], {}, JSON.stringify(stored.honest))
  t.is(exitCode, 0)
  t.deepEqual(contentOf(stored.dir), before)
})

test("the trust file counts, and a file named with --keys before it", async (t) => {
  const dir = join(files, "evaluator")
  await mkdir(dir)
  await writeFile(join(dir, "trusted-keys"), `# the agent\n${stored.vkey}\n`)
  await writeFile(join(files, "other-keys"), `${OTHER}\n`)
  const [trusted, named] = await Promise.all([
    check("honest.json", "--dir", dir),
    check("honest.json", "--dir", dir, "--keys", join(files, "other-keys")),
  ])
  t.deepEqual([trusted.exitCode, named.exitCode], [0, 2])
})

test("without any key, with a bad one and without the file the error says what to do", async (t) => {
  const [keyless, bad, missing, nothing] = await Promise.all([
    check("honest.json", "--dir", join(files, "nowhere")),
    check("honest.json", "--key", "nonsense"),
    check("missing.json", "--key", stored.vkey),
    runCli(["check", "-", "--key", stored.vkey], {}, "no JSON"),
  ])
  t.deepEqual(
    [keyless, bad, missing, nothing].map(({ exitCode }) => exitCode),
    [2, 64, 2, 2],
  )
  t.regex(keyless.stderr, /--key VKEY .* `vouchsafe key trust VKEY`\n$/)
  t.regex(bad.stderr, /`nonsense` is no verifier key\n/)
  t.regex(missing.stderr, /missing\.json cannot be read/)
  t.not(nothing.stderr, "")
})

test("a bundle is proven by the key that signed it, and by no other", async (t) => {
  const [proven, other] = await Promise.all([
    check("bundle.json", "--key", stored.vkey, "--json"),
    check("bundle.json", "--key", OTHER),
  ])
  t.is(proven.exitCode, 0)
  const checked = JSON.parse(proven.stdout) as { rows: { row: { id: string }; fields: { response: string } }[] }
  t.like(checked, { ok: true, reason: null })
  t.is(checked.rows[0]?.row.id, stored.rowId)
  t.regex(Buffer.from(checked.rows[0]!.fields.response, "base64").toString(), /9007199254740993/)
  t.regex((await check("bundle.json", "--key", stored.vkey)).stdout, / limits +That the signed map lists every row is the signer's word/)
  t.is(other.exitCode, 2)
  t.regex(other.stdout, /✗ not proven\n +unknown_signer: /)
})

test("the proof of a row is checked against its leaf, its id or its JSON", async (t) => {
  const proofFile = join(files, "row.tlog-proof")
  const written = await runCli(["proof", stored.rowId, "-o", proofFile, "--dir", stored.dir])
  t.is(written.exitCode, 0)
  const leaf = written.stdout.trim()
  t.regex(await readFile(proofFile, "utf8"), /^c2sp\.org\/tlog-proof@v1\n/)
  const { row } = (JSON.parse(stored.bundle) as { rows: { row: Record<string, unknown> }[] }).rows[0]!
  await writeFile(join(files, "row.json"), JSON.stringify(row))
  await writeFile(join(files, "other-row.json"), JSON.stringify({ ...row, status: 201 }))
  const own = ["--dir", stored.dir]
  const ended = await Promise.all([
    check("row.tlog-proof", "--leaf", leaf, ...own),
    check("row.tlog-proof", "--row", stored.rowId, ...own),
    check("row.tlog-proof", "--leaf", leaf, "--row", join(files, "row.json"), ...own),
    check("row.tlog-proof", "--leaf", leaf, "--row", join(files, "other-row.json"), ...own),
    check("row.tlog-proof", "--leaf", Buffer.alloc(113).toString("base64"), ...own),
    check("row.tlog-proof", ...own),
  ])
  t.deepEqual(
    ended.map(({ exitCode }) => exitCode),
    [0, 0, 0, 2, 2, 64],
  )
})
