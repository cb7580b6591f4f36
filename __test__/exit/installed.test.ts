import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import test from "ava"
import { start } from "../../index.js"
import { json, startServer, type TestServer } from "../servers/server.js"
import { build } from "./built.js"
import { runChild } from "./child.js"
import { temporary } from "./folder.js"

let built: string
let server: TestServer
test.before(async () => {
  built = await mkdtemp(join(tmpdir(), "vouchsafe-built-"))
  await build(built)
  server = await startServer((request, response) => {
    json(response, { row: Number(new URL(request.url!, "http://a").searchParams.get("row")) })
  })
})
test.after.always(async () => {
  await server.close()
  await rm(built, { recursive: true, force: true })
})

/** Another copy of what was built, with the binding unless it is told otherwise. */
async function copyOf(folder: string, binding?: string): Promise<string> {
  await mkdir(folder)
  for (const part of ["dist", "package.json"]) await cp(join(built, part), join(folder, part), { recursive: true })
  if (binding === undefined) await symlink(join(built, "native"), join(folder, "native"))
  else {
    await mkdir(join(folder, "native"))
    await writeFile(join(folder, "native", "binding.cjs"), binding)
  }
  return folder
}

test.serial("register records a program as it is, and its worker threads", async (t) => {
  const folder = await temporary(t)
  const dir = join(folder, "store")
  const register = pathToFileURL(join(built, "dist/src/register.js")).href
  const env = { VOUCHSAFE_DIR: dir, VOUCHSAFE_AGENT_ID: "registered" }
  const ended = await runChild("plain.mjs", [server.url], { env, node: ["--import", register] })
  t.deepEqual([ended.code, ended.stderr, ended.hung], [0, "", false])
  const vouchsafe = await start({ dir, record: { http: false }, agentId: "registered" })
  const claims = ["main", "thread"].map((path, row) => ({ action: `GET ${server.host}/${path}`, path: "row", equals: row }))
  const verdict = await vouchsafe.verify(claims, { scope: "store" })
  t.is(verdict.outcome, "PASS")
  t.deepEqual(verdict.claims.map(({ evidence }) => [evidence!.kind, evidence!.candidates]), [["http", 1], ["http", 1]])
  await vouchsafe.shutdown()
})

test.serial("two copies of the library in one process record once", async (t) => {
  const folder = await temporary(t)
  const [one, other] = [built, await copyOf(join(folder, "other"))]
  const index = (copy: string): string => pathToFileURL(join(copy, "dist/index.js")).href
  const ended = await runChild("twice.mjs", [index(one), index(other), join(folder, "store"), server.url])
  t.deepEqual([ended.code, ended.stderr, ended.hung], [0, "", false])
  t.deepEqual(JSON.parse(ended.lines[0]!), [false, 10, 10, "PASS"])
  t.is(ended.lines[1], "11")
})

test.serial("where no engine can be loaded, start says why, to the last cause", async (t) => {
  const folder = await temporary(t)
  const binding = `throw new Error("no binding here", { cause: new Error("of another platform") })`
  const copy = await copyOf(join(folder, "broken"), binding)
  const library = (await import(pathToFileURL(join(copy, "dist/index.js")).href)) as typeof import("../../index.js")
  const error = await t.throwsAsync(library.start({ dir: join(folder, "store") }), {
    instanceOf: library.EngineUnavailableError,
  })
  t.is(error?.code, "ENGINE_UNAVAILABLE")
  const platform = `${process.platform}-${process.arch}`
  t.is(error?.message, `the native engine could not be loaded on ${platform}: no binding here ← of another platform`)
  t.is((error!.cause as Error).message, "no binding here")
  const payload = library.evaluateHandoff("{}", { verifierKeys: [] })
  await t.throwsAsync(payload, { instanceOf: library.EngineUnavailableError })
})
