import { execFile } from "node:child_process"
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import test from "ava"
import { build } from "../exit/built.js"
import { temporary } from "../exit/folder.js"
import { GOOD, VKEY } from "./cases.js"

const PROGRAM = `
  import { checkProof } from "vouchsafe/check"
  const { ok, covers } = await checkProof(process.argv[2], process.argv[3])
  console.log(ok, covers)
`

test("under Node it needs no engine, and no package beside this one", async (t) => {
  const folder = await temporary(t)
  const built = await mkdtemp(join(tmpdir(), "vouchsafe-built-"))
  t.teardown(() => rm(built, { recursive: true, force: true }))
  await build(built)
  await cp(join(built, "dist"), join(folder, "dist"), { recursive: true })
  await cp(new URL("../../package.json", import.meta.url), join(folder, "package.json"))
  const program = join(folder, "program.mjs")
  await writeFile(program, PROGRAM)
  const [, bundle] = GOOD["a call"]!
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(bundle), VKEY])
  t.is(stdout, "true call\n")
})
