import { type ClientHttp2Session, connect } from "node:http2"
import { Duplex } from "node:stream"
import type { Judge } from "./judge.js"

type Request = (this: ClientHttp2Session, headers?: Record<string, unknown>, ...rest: unknown[]) => unknown

/** Refuses streams on HTTP/2 sessions, warm ones too, by throwing, as http2 itself does. */
export function refuseHttp2(judge: Judge): () => void {
  const prototype = sessionPrototype()
  const original = prototype.request
  function requestIfTrusted(this: ClientHttp2Session, headers?: Record<string, unknown>, ...rest: unknown[]): unknown {
    const path = headers?.[":path"]
    const origin = originOf(this)
    const error = origin === null ? null : judge.request(origin, typeof path === "string" ? path : "/")
    if (error !== null) throw error
    return original.call(this, headers, ...rest)
  }
  prototype.request = requestIfTrusted
  return () => {
    if (prototype.request === requestIfTrusted) prototype.request = original
  }
}

/** Where the session was made for, whatever authority the stream's headers name. */
function originOf(session: ClientHttp2Session): string | null {
  for (const symbol of Object.getOwnPropertySymbols(session)) {
    const authority = (session as unknown as Record<symbol, unknown>)[symbol]
    if (symbol.description === "authority" && typeof authority === "string") {
      return `${session.encrypted ? "https" : "http"}://${authority}`
    }
  }
  return null
}

/** The class is not exported; a session over a stream that goes nowhere has its prototype. */
function sessionPrototype(): { request: Request } {
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const session = connect("http://localhost", { createConnection: () => nowhere })
  session.on("error", () => {})
  session.destroy()
  return Object.getPrototypeOf(session) as { request: Request }
}
