/** The stub's HTTP: latency, failures and limits in front of the endpoints. */

import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { Backend } from "./backend.js"
import { nowMs } from "./clock.js"
import { Faults } from "./faults.js"
import { counts, early, type Logged } from "./log.js"
import { DEFAULTS, type StubOptions } from "./options.js"
import { Rate } from "./rate.js"
import { type Reply, refuse } from "./reply.js"
import type { Asked, Route } from "./routes.js"
import type { StubStats } from "./stats.js"

/** The class of SQLSTATE for statements that are wrong in themselves. */
const SYNTAX_OR_NAME = "42"

export class StubServer {
  readonly #options: Required<StubOptions>
  readonly #backend: Backend
  readonly #faults: Faults
  readonly #rate = new Rate()
  #log: Logged[] = []
  #server: Server | null = null
  #port = 0

  constructor(options: StubOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#backend = new Backend(this.#options)
    this.#faults = new Faults(this.#options)
  }

  /** Listens, on the same port as before; resolves to it. */
  async start(): Promise<number> {
    if (this.#server !== null) return this.#port
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.listen(this.#port, "127.0.0.1")
    await once(this.#server, "listening")
    return (this.#port = (this.#server.address() as AddressInfo).port)
  }

  /** Goes away: connections are cut. What it knows stays. */
  async stop(): Promise<void> {
    const server = this.#server
    if (server === null) return
    this.#server = null
    const closed = once(server, "close")
    server.close()
    server.closeAllConnections()
    await closed
  }

  change(options: StubOptions): void {
    Object.assign(this.#options, options)
  }

  log(): Logged[] {
    return this.#log
  }

  forget(): void {
    this.#log = []
  }

  stats(): StubStats {
    const { databases } = this.#backend.catalog
    return {
      requests: this.#log.length,
      endpoints: counts(this.#log),
      limited: this.#log.filter(({ status }) => status === 429).length,
      early: early(this.#log).length,
      failed: this.#log.filter(({ status }) => status === 503 || status === null).length,
      preprocesses: databases.flatMap(({ preprocess }) => preprocess.runs),
      records: this.#backend.queries.size,
      covered: databases.reduce((sum, { preprocess }) => sum + preprocess.covered.size, 0),
    }
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#backend.catalog.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", socket } = request
    const path = url.split("?")[0]!
    const found = this.#backend.routes.find(method, path)
    const endpoint = found?.route.endpoint ?? "handshake"
    const logged: Logged = { endpoint, method, path, at: nowMs(), answeredAt: null, status: null, retryAfter: null }
    this.#log.push(logged)
    const [body] = await Promise.all([bodyOf(request), sleep(this.#options.requestMs / 2)])

    const retryAfter = this.#rate.admit(logged.at, this.#options.perSecond)
    const fault = retryAfter === null ? this.#faults.next() : null
    const waitMs = Number(/\bwait=(\d+)/.exec(String(request.headers.prefer))?.[1] ?? 0) * 1000
    let reply: Reply
    if (retryAfter !== null) reply = refuse(429, "too many requests", { "retry-after": String(retryAfter) })
    else if (fault === "reset before") return void socket.resetAndDestroy()
    else if (fault === "unavailable") reply = refuse(503, "the stub was told to fail")
    else if (found === null) reply = refuse(404, `no such endpoint: ${method} ${path}`)
    else reply = await answered(found.route, { ids: found.ids, body, waitMs })
    if (fault === "reset after") return void socket.resetAndDestroy()

    await sleep(this.#options.requestMs / 2)
    logged.status = reply.status
    logged.retryAfter = retryAfter
    logged.answeredAt = nowMs()
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers })
    response.end(JSON.stringify(reply.body))
  }
}

/** What its database refuses is the query's fault; all else that goes wrong there is the backend's. */
async function answered(route: Route, asked: Asked): Promise<Reply> {
  try {
    return await route.answer(asked)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return refuse(code?.startsWith(SYNTAX_OR_NAME) ? 400 : 503, message)
  }
}

/** The JSON of a request; empty, or no JSON object, reads as `{}`. */
async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
    return Object(JSON.parse(Buffer.concat(chunks).toString())) as Record<string, unknown>
  } catch {
    return {}
  }
}
