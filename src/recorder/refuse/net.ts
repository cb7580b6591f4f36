import { Socket } from "node:net"
import { judgeClientRequest, requestBeingMade } from "./http.js"
import type { Judge } from "./judge.js"

interface ConnectOptions {
  host?: string
  port?: number | string
  path?: string | null
  ALPNProtocols?: unknown
}
type Connect = (this: Socket, ...all: unknown[]) => Socket

const HTTP_CLIENT = "node:_http_client"
const HTTP2_CLIENT = "node:internal/http2/core"

/** Refuses the sockets that HTTP clients open by themselves: requests without an agent, and new HTTP/2 sessions. */
export function refuseSockets(judge: Judge): () => void {
  const prototype = Socket.prototype as unknown as { connect: Connect }
  const original = prototype.connect
  function connectIfTrusted(this: Socket, ...all: unknown[]): Socket {
    const error = judgeSocket(judge, all)
    if (error === null) return original.apply(this, all)
    process.nextTick(() => this.destroy(error))
    return this
  }
  prototype.connect = connectIfTrusted
  return () => {
    if (prototype.connect === connectIfTrusted) prototype.connect = original
  }
}

function judgeSocket(judge: Judge, all: unknown[]): Error | null {
  const options = optionsOf(all)
  if (options === null || options.path) return null
  const client = openedBy()
  if (client === null) return null
  const { host = "localhost", port } = options
  const request = requestBeingMade()
  if (client === HTTP_CLIENT) return request === null ? null : judgeClientRequest(judge, request, host, port)
  const name = host.includes(":") ? `[${host}]` : host
  // http2.connect makes a plain socket for http:, and one that negotiates for https:.
  return judge.origin(`${options.ALPNProtocols === undefined ? "http" : "https"}://${name}:${port}`)
}

/** connect takes (options), (port, host) or a path, or the list that net.connect has made of them. */
function optionsOf(all: unknown[]): ConnectOptions | null {
  const first = Array.isArray(all[0]) ? (all[0] as unknown[])[0] : all[0]
  if (typeof first === "object" && first !== null) return first
  if (typeof first === "number" || (typeof first === "string" && /^\d+$/.test(first))) {
    return { port: first, host: typeof all[1] === "string" ? all[1] : "localhost" }
  }
  return null
}

/** Which of Node's HTTP clients is on the stack: plain sockets of other protocols are left alone. */
function openedBy(): typeof HTTP_CLIENT | typeof HTTP2_CLIENT | null {
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = 40
  Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName())
  const holder: { stack?: unknown } = {}
  Error.captureStackTrace(holder, openedBy)
  const files = holder.stack as (string | null)[]
  Error.stackTraceLimit = stackTraceLimit
  Error.prepareStackTrace = prepareStackTrace
  if (files.includes(HTTP_CLIENT)) return HTTP_CLIENT
  return files.includes(HTTP2_CLIENT) ? HTTP2_CLIENT : null
}
