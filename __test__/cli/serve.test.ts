import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { chmod, mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import test, { type ExecutionContext } from "ava"
import { temporary } from "../exit/folder.js"
import { startServe } from "../servers/serve.js"
import { closedPort, startServer } from "../servers/server.js"
import { runCli } from "./run-cli.js"

const api = (url: string, token: string) =>
  fetch(`${url}/api/v1/organizations`, { headers: { authorization: `Bearer ${token}` } })

/** What a server that does not start says with --json. */
async function refused(args: string[]) {
  const { exitCode, stdout, stderr } = await runCli(["serve", "--json", ...args])
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string } }
  return { exitCode, ...error, stderr }
}

const served = async (t: ExecutionContext, ...args: string[]) => {
  const server = await startServe(args)
  t.teardown(() => server.end("SIGKILL"))
  return server
}

test("it says where it is and makes a token once, which opens it and is stored as a hash in a file of one's own", async (t) => {
  const store = join(await temporary(t), "store")
  const first = await served(t, "--store", store)
  t.regex(first.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.is((await api(first.url, first.token!)).status, 200)
  t.is((await api(first.url, "another")).status, 401)
  t.is((await stat(first.tokenFile)).mode & 0o777, 0o600)
  for (const file of await readdir(store, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    t.notRegex(await readFile(join(file.parentPath, file.name), "latin1"), new RegExp(first.token!))
  }
  t.is(await first.end(), 0)
  t.notRegex(await first.logged(), new RegExp(first.token!))
  const second = await served(t, "--store", store)
  t.is(second.token, null)
  t.is((await api(second.url, first.token!)).status, 200)
})

test("it logs JSON lines, and nothing where it is told to be quiet", async (t) => {
  for (const quiet of [false, true]) {
    const server = await served(t, "--store", join(await temporary(t), "store"), ...(quiet ? ["--quiet"] : []))
    await api(server.url, server.token!)
    t.is(await server.end("SIGINT"), 0)
    const lines = (await server.logged()).split("\n").filter((line) => line !== "")
    t.is(lines.length > 0, !quiet)
    for (const line of lines) t.notThrows(() => void JSON.parse(line), line)
  }
})

/** A request whose body has not come yet, on a server that was told to end and no longer listens. */
async function underWay(t: ExecutionContext) {
  const server = await served(t, "--store", join(await temporary(t), "store"))
  const port = Number(new URL(server.url).port)
  const socket = connect(port, "127.0.0.1")
  t.teardown(() => socket.destroy())
  socket.write(
    `POST /api/v1/organizations/${randomUUID()}/integrations/ensure HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n` +
      `authorization: Bearer ${server.token}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n`,
  )
  // It says that it is ready for the body once it reads it.
  t.regex(String(await once(socket, "data")), /^HTTP\/1.1 100 /)
  process.kill(server.pid, "SIGTERM")
  const deadline = Date.now() + 30_000
  while ((await isListening(port)) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  return { server, socket }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false))
    socket.on("connect", () => socket.destroy())
  })

test("a request that is under way when it is told to end is answered first", async (t) => {
  const { server, socket } = await underWay(t)
  socket.write("{}")
  t.regex(String(await once(socket, "data")), /^HTTP\/1.1 4\d\d /)
  t.is(await server.end("SIGCONT"), 0)
})

test("a second signal ends it at once", async (t) => {
  const { server } = await underWay(t)
  t.is(await server.end("SIGTERM"), 143)
})

test("what keeps it from starting has a code, and ends it with 2", async (t) => {
  const folder = await temporary(t)
  const busy = await startServer(() => {})
  t.teardown(() => busy.close())
  const inUse = await refused(["--store", join(folder, "a"), "--port", String(busy.port)])
  t.is(inUse.exitCode, 2)
  t.is(inUse.code, "SERVER_LISTEN")
  t.regex(inUse.message, /in use/)

  const tokens = join(folder, "tokens")
  await writeFile(tokens, "secret-token-of-mine\n")
  await chmod(tokens, 0o644)
  const open = await refused(["--store", join(folder, "b"), "--token-file", tokens])
  t.is(open.code, "SERVER_KEYS")
  t.notRegex(open.message, /secret-token-of-mine/)

  const store = join(folder, "c")
  await served(t, "--store", store)
  const locked = await refused(["--store", store, "--port", "0"])
  t.is(locked.code, "STORE_LOCKED")

  const mine = join(folder, "mine")
  await writeFile(mine, "a-token-of-ones-own-0123456789\n", { mode: 0o600 })
  const away = await refused(["--store", `postgres://me:s3cret@127.0.0.1:${await closedPort()}/x`, "--token-file", mine])
  t.is(away.code, "STORE_UNAVAILABLE")
  t.notRegex(away.message + away.stderr, /s3cret/)

  await mkdir(join(folder, "d"))
  await writeFile(join(folder, "d", "file"), "")
  t.is((await refused(["--store", join(folder, "d", "file")])).code, "STORE_NOT_A_FOLDER")
})

test("a token of one's own opens it, and only the organizations that are named are served", async (t) => {
  const folder = await temporary(t)
  const tokens = join(folder, "tokens")
  await writeFile(tokens, "a-token-of-ones-own-0123456789\n", { mode: 0o600 })
  const orgs = ["5f0c6d0e-3a56-4b0e-9d0b-0d5f2c1f7c11", "5f0c6d0e-3a56-4b0e-9d0b-0d5f2c1f7c12"]
  const server = await served(t, "--store", join(folder, "store"), "--token-file", tokens, "--org", orgs[0]!)
  t.is(server.token, null)
  t.is(server.tokenFile, tokens)
  const statuses = await Promise.all(
    orgs.map(async (org) => {
      const headers = { authorization: "Bearer a-token-of-ones-own-0123456789" }
      return (await fetch(`${server.url}/api/v1/organizations/${org}/middlewares`, { headers })).status
    }),
  )
  t.is(statuses[0], 200)
  t.true([403, 404].includes(statuses[1]!))
})

test("arguments that are none are refused with 64", async (t) => {
  for (const args of [["--host", "example.com"], ["--store", "postgres://127.0.0.1/x"], ["--org", "acme"], ["--port", "70000"], ["--rate", "0"], ["--max-body", "1"]]) {
    t.is((await runCli(["serve", ...args])).exitCode, 64, args.join(" "))
  }
})

test("a person reads where it is, how the SDKs are pointed at it, and how it ends", async (t) => {
  const store = join(await temporary(t), "store")
  const main = new URL("../../src/cli/main.ts", import.meta.url).pathname
  const child = spawn(process.execPath, ["--import=tsx", main, "serve", "--port", "0", "--store", store, "--quiet"], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  })
  t.teardown(() => child.kill("SIGKILL"))
  let said = ""
  for await (const chunk of child.stdout) {
    said += String(chunk)
    if (said.endsWith("Ctrl-C ends it.\n")) break
  }
  const url = said.match(/serving at (http:\S+)/)?.[1]
  t.truthy(url)
  t.regex(said, /shown this once/)
  for (const name of ["VOUCHSAFE_BACKEND_URL", "SOURCERYKIT_PROVABLY_API_URL"]) t.true(said.includes(`${name}=${url}\n`))
})
