import { createHash } from "node:crypto"
import { EventEmitter, once } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { bodyOf, json, startServer, type TestServer } from "./server.js"

/** A server that does what breaks recorders; what a route does is driven and seen through `control`. */
export interface TortureServer extends TestServer {
  /** Emits `next` to be told to send the next event, `blocked` and `closed` of its responses. */
  readonly control: EventEmitter
  /** The bytes that the last endless response has written. */
  written(): number
}

/** The body of `/bytes/<n>/<seed>`: n bytes that are different for each seed. */
export function patterned(size: number, seed: number): Buffer {
  const block = createHash("sha512").update(String(seed)).digest()
  return Buffer.alloc(size, block)
}

export async function startTorture(): Promise<TortureServer> {
  const control = new EventEmitter()
  let written = 0
  const server = await startServer((request, response) => {
    void route(request, response)
  })
  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", server.url)
    const [, name, one, two] = url.pathname.split("/")
    response.on("close", () => control.emit("closed", name))
    switch (name) {
      case "echo":
        response.end(await bodyOf(request))
        return
      case "json":
        json(response, { price: 42 })
        return
      case "status":
        response.writeHead(Number(one)).end()
        return
      case "bytes":
        response.end(patterned(Number(one), Number(two)))
        return
      case "gzip":
        response.writeHead(200, { "content-encoding": "gzip", "content-type": "application/json" })
        response.end(gzipSync('{"price":"42 €"}'))
        return
      case "redirect":
        response.writeHead(Number(one ?? 302), { location: url.searchParams.get("to") ?? "/json" }).end("elsewhere")
        return
      case "sse":
        response.writeHead(200, { "content-type": "text/event-stream" })
        for (let event = 0; event < Number(one); event++) {
          response.write(`data: ${event}\n\n`)
          await once(control, "next")
        }
        response.end()
        return
      case "reset":
        response.writeHead(200, { "content-length": "1000" })
        response.write("begun")
        await once(control, "next")
        request.socket.resetAndDestroy()
        return
      case "hangup":
        request.socket.destroy()
        return
      case "silent":
        control.emit("silent")
        return
      case "endless":
        written = 0
        response.writeHead(200)
        await endless(response, Number(one))
        return
      default:
        response.writeHead(404).end()
    }
  }
  async function endless(response: ServerResponse, size: number): Promise<void> {
    const chunk = Buffer.alloc(64 * 1024, "x")
    while (written < size && !response.destroyed) {
      written += chunk.length
      if (response.write(chunk)) continue
      control.emit("blocked")
      await drained(response)
    }
    response.end()
  }
  return { ...server, control, written: () => written }
}

/** Waits until a response takes more, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    function go(): void {
      response.off("drain", go).off("close", go)
      resolve()
    }
    response.on("drain", go).on("close", go)
  })
}
