/** A private PostgreSQL for tests: a cluster of its own on a free port, in a temporary folder. */

import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { accessSync, constants, readdirSync } from "node:fs"
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises"
import type { Socket } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"
import { closedPort } from "./server.js"

/** A cluster of one server; its user may do everything. */
export interface TestPostgres {
  /** Of a database, else of `postgres`. */
  url(database?: string): string
  /** Makes an empty database; resolves to its name. */
  createDatabase(): Promise<string>
  /** Lets it go away; what is connected is cut off. */
  stop(): Promise<void>
  /** Lets it come back on the same port. */
  start(): Promise<void>
  /** Ends it and removes its folder, as the end of this process does too. */
  close(): Promise<void>
  /** Runs SQL; resolves to the rows that it printed, columns separated by `|`. */
  psql(database: string, sql: string): Promise<string>
}

/** How the cluster is to be. */
export interface PostgresOptions {
  /** Whether commits wait for the disk; they do not unless it is said. */
  fsync?: boolean
  /** Further settings, as `max_connections=200`. */
  settings?: readonly string[]
}

const USER = "vouchsafe"
const run = promisify(execFile)

/**
 * Ends the server when its stdin ends, which it does however this process ends. The folder goes too unless it is told
 * to keep it.
 */
const KEEPER = `folder=$1; shift
"$@" </dev/null & server=$!
read -r word
kill -INT $server
wait $server
[ "$word" = keep ] || rm -rf "$folder"`

/** How many ports are tried. */
const ATTEMPTS = 5

/**
 * Starts one, or says why this machine has none; throws that where VOUCHSAFE_REQUIRE_POSTGRES is 1. One that is there and
 * does not start is a failure in any case.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres | { skip: string }> {
  const found = findPostgres()
  if (!("skip" in found)) return startAnywhere(found, options)
  if (process.env["VOUCHSAFE_REQUIRE_POSTGRES"] === "1") throw new Error(`VOUCHSAFE_REQUIRE_POSTGRES is 1, and ${found.skip}`)
  return found
}

interface Found {
  initdb: string
  postgres: string
  psql: string
  /** The user that it runs as, where that is another. */
  identity: { uid: number; gid: number } | undefined
}

function findPostgres(): Found | { skip: string } {
  if (process.platform === "win32") return { skip: "the private PostgreSQL needs a Unix shell" }
  const [initdb, postgres, psql] = ["initdb", "postgres", "psql"].map(programOf)
  if (!initdb || !postgres || !psql) return { skip: "there is no PostgreSQL (initdb, postgres, psql)" }
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid!() === 0
  const identity = isRoot ? unprivileged() : undefined
  if (isRoot && !identity) return { skip: "PostgreSQL does not run as root, and there is no user postgres or nobody" }
  return { initdb, postgres, psql, identity }
}

async function startAnywhere(found: Found, options: PostgresOptions): Promise<TestPostgres> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startCluster(found, options)
    } catch (error) {
      // Somebody else may have taken the port in the meantime.
      if (attempt === ATTEMPTS || !/could not bind/.test(String(error))) throw error
    }
  }
}

async function startCluster({ initdb, postgres, psql, identity }: Found, options: PostgresOptions): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "vouchsafe-postgres-"))
  const password = randomBytes(18).toString("base64url")
  const data = join(folder, "data")
  const passwordFile = join(folder, "password")
  await writeFile(passwordFile, password)
  if (identity) {
    for (const path of [folder, passwordFile]) await chown(path, identity.uid, identity.gid)
  }
  const how = { cwd: folder, env: { ...process.env, LC_ALL: "C" }, ...identity }
  const cluster = ["--pgdata", data, "--username", USER, "--pwfile", passwordFile, "--auth", "scram-sha-256"]
  await run(initdb, [...cluster, "--encoding", "UTF8", "--locale", "C", "--no-sync"], how)
  const port = await closedPort()
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    `fsync=${options.fsync ? "on" : "off"}`,
    ...(options.settings ?? []),
  ]
  const command = [postgres, "-D", data, ...settings.flatMap((setting) => ["-c", setting])]
  const url = (database = "postgres") => `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`

  let keeper = await keep(folder, command, how)
  const end = async (word: string) => {
    if (keeper.exitCode !== null) return
    const ended = once(keeper, "exit")
    keeper.ref()
    keeper.stdin!.end(`${word}\n`)
    await ended
  }
  const ask = async (database: string, sql: string) => {
    const child = run(psql, ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url(database), "-f", "-"])
    child.child.stdin!.end(sql)
    return (await child).stdout.trimEnd()
  }
  let databases = 0
  return {
    url,
    createDatabase: async () => {
      const name = `test_${++databases}`
      await ask("postgres", `CREATE DATABASE ${name}`)
      return name
    },
    stop: () => end("keep"),
    start: async () => {
      keeper = await keep(folder, command, how)
    },
    close: async () => {
      await end("remove")
      // It was stopped already, and so kept.
      await rm(folder, { recursive: true, force: true })
    },
    psql: ask,
  }
}

/** Runs the server until its stdin ends; resolves when it accepts connections. */
async function keep(folder: string, command: readonly string[], how: object): Promise<ChildProcess> {
  const keeper = spawn("sh", ["-c", KEEPER, "sh", folder, ...command], {
    ...how,
    stdio: ["pipe", "ignore", "pipe"],
    // Ctrl-C is for the tests; the end of their pipe is enough for it.
    detached: true,
  })
  const log: string[] = []
  const isReady = await new Promise<boolean>((resolve) => {
    const lines = createInterface({ input: keeper.stderr! })
    lines.on("line", (line) => {
      if (log.push(line) > 100) log.shift()
      if (line.includes("is ready to accept connections")) resolve(true)
      // The keeper itself waits for its stdin, whatever became of the server.
      if (/FATAL|PANIC/.test(line)) resolve(false)
    })
    lines.on("close", () => resolve(false))
  })
  if (!isReady) {
    keeper.stdin.end()
    throw new Error(`PostgreSQL did not start:\n${log.join("\n")}`)
  }
  // A test that forgets to close it ends all the same.
  keeper.unref()
  for (const stream of [keeper.stdin, keeper.stderr]) (stream as unknown as Socket).unref()
  return keeper
}

/** A program of PostgreSQL's: from PATH, else of the newest version that Debian's packages installed. */
function programOf(name: string): string | undefined {
  const installed = "/usr/lib/postgresql"
  let versions: string[] = []
  try {
    versions = readdirSync(installed).sort((a, b) => Number(b) - Number(a))
  } catch {
    // Not Debian, or not installed.
  }
  const folders = [...process.env["PATH"]!.split(delimiter), ...versions.map((version) => `${installed}/${version}/bin`)]
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A user whom root may run it as. */
function unprivileged(): { uid: number; gid: number } | undefined {
  for (const user of ["postgres", "nobody"]) {
    try {
      const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, user], { stdio: "pipe" })))
      return { uid: uid!, gid: gid! }
    } catch {
      // No such user.
    }
  }
  return undefined
}
