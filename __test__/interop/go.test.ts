/**
 * What is exported is read by Go's sumdb/note and tlog, transparency-dev/merkle and Tessera's fsck: software that
 * nobody here wrote. Skipped where there is no `go`, or its modules cannot be fetched.
 */

import { execFile } from "node:child_process"
import { cp, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import test, { type ExecutionContext } from "ava"
import { auditLog, exportLog, proofFile } from "../../src/engine/archive.js"
import { start } from "../../index.js"
import { temporary } from "../exit/folder.js"

const run = promisify(execFile)

/** The checks as a program, or why there is none. */
async function checks(folder: string): Promise<{ program: string } | { missing: string }> {
  const program = join(folder, "interop")
  const cwd = fileURLToPath(new URL("go/", import.meta.url))
  try {
    await run("go", ["build", "-buildvcs=false", "-o", program, "."], { cwd })
    return { program }
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string }
    if (code === "ENOENT") return { missing: "there is no go" }
    if (/dial tcp|proxyconnect|no such host|GOPROXY=off|requires go >=|toolchain not available/.test(stderr)) {
      return { missing: `the modules cannot be had: ${stderr.trim().split("\n").at(-1)}` }
    }
    throw error
  }
}

/** A store of 600 rows in three commits, exported, with what the program is to check. */
async function exported(t: ExecutionContext) {
  const folder = await temporary(t)
  const [dir, out] = [join(folder, "store"), join(folder, "log")]
  const vouchsafe = await start({ dir, record: { http: false }, debounceMs: 600_000 })
  const older = join(folder, "older")
  const rows: string[] = []
  for (const count of [100, 300, 200]) {
    for (let n = 0; n < count; n++) rows.push(vouchsafe.recordTool({ name: "count", input: n, output: rows.length }).rowId)
    const { note } = await vouchsafe.commit()
    // An export that grows with the log, as a mirror would be kept.
    if (count === 300) {
      await writeFile(older, note)
      await exportLog(dir, out)
    }
  }
  const heard: [number, number][] = []
  const log = await exportLog(dir, out, (done, total) => heard.push([done, total]))
  const { file, leaf } = await proofFile(dir, rows[450]!)
  const [proof, leafFile] = [join(folder, "row.tlog-proof"), join(folder, "row.leaf")]
  await writeFile(proof, file)
  await writeFile(leafFile, Buffer.from(leaf, "base64"))
  const vkey = vouchsafe.verifierKey
  await vouchsafe.shutdown()
  return { folder, dir, out, older, proof, leafFile, vkey, log, heard, rows }
}

/** What the program says, line by line. */
async function says(program: string, arguments_: string[]): Promise<string[]> {
  const { stdout } = await run(program, arguments_).catch((error: { stdout: string }) => error)
  return stdout.trim().split("\n")
}

test.serial("an export and a proof file are what Go's tlog, merkle and Tessera's fsck accept", async (t) => {
  const { folder, out, older, proof, leafFile, vkey, log } = await exported(t)
  const built = await checks(folder)
  if ("missing" in built) {
    t.log(`skipped: ${built.missing}`)
    t.pass()
    return
  }
  const { program } = built
  const [checkpoint, fsck, inclusion, consistency, proved] = await says(program, [vkey, out, older, proof, leafFile])
  // Rows, and a seal for each of the three commits and the first one, which is of no rows.
  t.is(log.size, "604")
  t.is(checkpoint, "checkpoint: 604")
  // The checkpoint, three tiles and their level above, three entry bundles.
  t.is(fsck, "fsck: 8")
  t.is(inclusion, "inclusion: 604")
  t.is(consistency, "consistency: 403")
  t.is(proved, "proof file: 453")

  /** What is refused once one byte of a file in a copy of the export is changed. */
  async function flipped(path: string): Promise<string> {
    const copy = join(await temporary(t), "log")
    await cp(out, copy, { recursive: true })
    const bytes = await readFile(join(copy, path))
    bytes[bytes.length >> 1]! ^= 1
    await writeFile(join(copy, path), bytes)
    return (await says(program, [vkey, copy, older, proof, leafFile])).at(-1)!
  }
  t.regex(await flipped("checkpoint"), /^checkpoint: refused/)
  for (const path of ["tile/0/000", "tile/0/001", "tile/0/002.p/92", "tile/1/000.p/2", "tile/entries/000", "tile/entries/002.p/92"]) {
    t.regex(await flipped(path), /^fsck: refused/, path)
  }
  await writeFile(leafFile, Buffer.alloc(113, 1))
  t.regex((await says(program, [vkey, out, older, proof, leafFile])).at(-1)!, /^proof file: refused/)
})

test.serial("progress is heard to the end, and a row that is not there has no proof", async (t) => {
  const { dir, heard, vkey, rows, log } = await exported(t)
  t.deepEqual(heard.at(-1), [604, 604])
  await t.throwsAsync(proofFile(dir, "00000000-0000-7000-8000-000000000000"), { code: "ROW_NOT_FOUND" })
  await t.throwsAsync(exportLog(dir, dir), { code: "EXPORT_REFUSED" })
  await t.throwsAsync(auditLog(dir, { since: "nothing", keys: [vkey] }), { code: "INVALID_OPTION" })
  await t.throwsAsync(auditLog(join(dir, "nowhere"), { since: null, keys: [] }), { code: "STORE_NOT_FOUND" })
  const report = await auditLog(dir, { since: null, keys: [vkey] })
  t.deepEqual(report.findings, [])
  t.is(report.rows, rows.length)
  t.is(report.root, log.root)
})
