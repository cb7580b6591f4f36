/** The server that the recorder is measured against, in a process of its own. */

import { fork } from "node:child_process"
import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"

const CHUNK = Buffer.alloc(16 * 1024, "x")

/** What a tool answers, under /after/<ms>. */
const TOOL = Buffer.from('{"price":42}')

/** Starts the server; it ends with `stop`, or with this process. */
export async function startServer(): Promise<{ url: string; stop(): void }> {
  const child = fork(fileURLToPath(import.meta.url), ["serve"], { execArgv: [] })
  const [port] = (await once(child, "message")) as [number]
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() }
}

/** A JSON object of exactly `size` bytes. */
function json(size: number): Buffer {
  const empty = '{"price":42,"text":""}'
  return Buffer.from(empty.replace('""', `"${"x".repeat(size - empty.length)}"`))
}

function respond(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body)
}

function serve(): void {
  const bodies = new Map<number, Buffer>()
  let pushed = 0
  const server = createServer((request, response) => {
    const [, what, size] = (request.url ?? "").split("/")
    if (what === "json") {
      const bytes = Number(size)
      const body = bodies.get(bytes) ?? json(bytes)
      bodies.set(bytes, body)
      respond(response, body)
    } else if (what === "endless") {
      pushed = 0
      push(response, Number(size), (bytes) => (pushed += bytes))
    } else if (what === "after") setTimeout(() => respond(response, TOOL), Number(size))
    else response.end(String(pushed))
  })
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
  process.on("disconnect", () => process.exit())
}

/** Writes as fast as the reader takes it; counts what the kernel took, not what waits in this process. */
function push(response: ServerResponse, size: number, count: (bytes: number) => void): void {
  let left = size
  const next = (): void => {
    if (left <= 0) response.end()
    else response.write(CHUNK, (error) => {
      if (error) return
      count(CHUNK.length)
      next()
    })
    left -= CHUNK.length
  }
  response.writeHead(200)
  next()
}

if (process.argv[2] === "serve") serve()
