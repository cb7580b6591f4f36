import { createServer, type AddressInfo, type Server, type Socket } from "node:net"
import { once } from "node:events"
import { join } from "node:path"
import test from "ava"
import { closedPort } from "../servers/server.js"
import { runChild } from "./child.js"
import { temporary } from "./folder.js"
import { passing, rowClaims } from "./stored.js"

const ROWS = 100
/** An end that waits for somebody who does not answer takes longer. */
const SOON_MS = 25_000

/** Takes connections and says nothing. */
let silent: Server
const sockets = new Set<Socket>()
let away: number
test.before(async () => {
  silent = createServer((socket) => sockets.add(socket.on("error", () => {}))).listen(0, "127.0.0.1")
  await once(silent, "listening")
  away = await closedPort()
})
test.after.always(() => {
  sockets.forEach((socket) => socket.destroy())
  silent.close()
})

type Way = "end" | "verify" | "token" | "shutdown"

const SIDES = ["away", "silent"] as const
const PARTS: { title: string; hasPostgres: boolean; hasBackend: boolean; ways: Way[] }[] = [
  { title: "a shared store", hasPostgres: true, hasBackend: false, ways: ["end", "verify", "shutdown"] },
  { title: "a remote backend", hasPostgres: false, hasBackend: true, ways: ["end", "shutdown"] },
  { title: "a remote backend and its store", hasPostgres: true, hasBackend: true, ways: ["end", "verify", "token", "shutdown"] },
]

for (const side of SIDES) {
  for (const { title, hasPostgres, hasBackend, ways } of PARTS) {
    for (const way of ways) {
      test.serial(`a process with ${title} that is ${side} ends by itself and has its rows on disk: ${way}`, async (t) => {
        const dir = join(await temporary(t), "store")
        const at = `127.0.0.1:${side === "away" ? away : (silent.address() as AddressInfo).port}`
        const postgres = hasPostgres ? `postgres://me:sesame@${at}/x` : "-"
        const began = performance.now()
        const ended = await runChild("away.ts", [dir, String(ROWS), way, postgres, hasBackend ? `http://${at}` : "-"])
        t.deepEqual([ended.code, ended.signal, ended.stderr, ended.hung], [0, null, "", false])
        t.true(performance.now() - began < SOON_MS, `${performance.now() - began} ms`)
        t.deepEqual(ended.lines, way === "verify" || way === "token" ? ["ERROR"] : [])
        t.is(await passing(dir, rowClaims(ROWS), { runId: "child" }), ROWS)
      })
    }
  }
}
