/** A server, a database and the Python SDK, as two people who have nothing else in common would have them. */

import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { runCli } from "../cli/run-cli.js"
import { startPostgres, type TestPostgres } from "../servers/postgres.js"
import { startServe, type Served } from "../servers/serve.js"
import { json, startServer, type TestServer } from "../servers/server.js"

/** A program that hangs is ended, and so fails its test. */
const KILL_AFTER_MS = 90_000
const { pythonSdk } = (await import(new URL("../../scripts/setup/python.mjs", import.meta.url).href)) as {
  pythonSdk(): Promise<{ python: string } | { skip: string }>
}

/** What a tool of the tests answers, under `/quote`; and what it answers elsewhere. */
export const QUOTE = { price: 42, name: "ACME", deep: { list: [1, 2, { x: 2.5, "größe": "ö" }] }, open: true, none: null }

/** What is there for all tests of a file. */
export interface Scene {
  postgres: TestPostgres
  server: Served
  token: string
  tool: TestServer
  python: string
  close(): Promise<void>
}

/** An agent's project: an organization and a database of its own. */
export interface Project {
  orgId: string
  database: string
  name: string
  postgresUrl: string
}

/** Starts all of it, or says what is missing. */
export async function startScene(): Promise<Scene | { skip: string }> {
  const sdk = await pythonSdk()
  if ("skip" in sdk) return sdk
  const postgres = await startPostgres()
  if ("skip" in postgres) return postgres
  const folder = await mkdtemp(join(tmpdir(), "vouchsafe-serve-"))
  const server = await startServe(["--store", join(folder, "store"), "--quiet"])
  const tool = await startServer((request, response) => {
    if (request.url === "/text") response.end("plain words")
    else if (request.url === "/items") json(response, { items: [1, 2, 6] })
    else if (request.url === "/list") json(response, [1])
    else json(response, QUOTE)
  })
  return {
    postgres,
    server,
    token: server.token!,
    tool,
    python: sdk.python,
    close: async () => {
      await server.end()
      await tool.close()
      await postgres.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A new project. */
export async function project({ postgres }: Scene): Promise<Project> {
  const database = await postgres.createDatabase()
  return { orgId: randomUUID(), database, name: "compatibility", postgresUrl: postgres.url(database) }
}

/** The key that the project's log is checked with, as the server's operator prints it for others. */
export async function verifierKey({ server, token }: Scene, { orgId }: Project): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const data = (await (await fetch(`${server.url}/api/v1/organizations/${orgId}/data`, { headers })).json()) as {
    middlewares: { databases: { schemas: { tables: { id: string }[] }[] }[] }[]
  }
  const { id } = data.middlewares[0]!.databases[0]!.schemas[0]!.tables[0]!
  const { stdout } = await runCli(["key", "--dir", join(server.logs!, id)])
  return stdout.trim().split("\n").at(-1)!
}

/** What a run of a program came to. */
export interface Ran {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** Runs one of the Python programs on a home of its own, with its input as JSON. */
export async function python(scene: Scene, project: Project, program: string, input: unknown): Promise<Ran> {
  const home = await mkdtemp(join(tmpdir(), "vouchsafe-python-"))
  // Nothing else of this machine's, so that no setting of somebody's own counts.
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    XDG_CONFIG_HOME: home,
    PYTHONDONTWRITEBYTECODE: "1",
    SOURCERYKIT_PROVABLY_API_URL: scene.server.url,
    PROVABLY_ACCESS_TOKEN: scene.token,
    SOURCERYKIT_ORG_ID: project.orgId,
    SOURCERYKIT_PROJECT_NAME: project.name,
    SOURCERYKIT_POSTGRES_URL: project.postgresUrl,
  }
  const file = fileURLToPath(new URL(program, import.meta.url))
  try {
    return await run(scene.python, [file], env, input, home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Runs one of the Node programs in a folder of its own, with its input as JSON. */
export async function node(program: string, input: unknown): Promise<Ran> {
  const home = await mkdtemp(join(tmpdir(), "vouchsafe-node-"))
  const env = { PATH: process.env["PATH"], HOME: home, VOUCHSAFE_DIR: join(home, "store") }
  const file = fileURLToPath(new URL(program, import.meta.url))
  try {
    return await run(process.execPath, [`--import=${import.meta.resolve("tsx")}`, file], env, input, home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function run(command: string, args: string[], env: NodeJS.ProcessEnv, input: unknown, cwd: string): Promise<Ran> {
  const child = spawn(command, args, { env, cwd, stdio: ["pipe", "pipe", "pipe"], timeout: KILL_AFTER_MS })
  child.stdin.on("error", () => {}).end(JSON.stringify(input))
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve))
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { exitCode, stdout, stderr }
}

/** What a program printed; throws what it said where it failed. */
export function printed<T>({ exitCode, stdout, stderr }: Ran): T {
  if (exitCode !== 0) throw new Error(`the program ended with ${exitCode}:\n${stderr}`)
  return JSON.parse(stdout) as T
}
