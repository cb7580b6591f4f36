import { type Channel, channel } from "node:diagnostics_channel"
import { activeContext, type InterceptorContext } from "../context.js"
import { type DispatchOptions, followDispatchers, setDispatchJudge } from "../dispatch.js"
import { begin } from "../exchange.js"
import { failed } from "../failures.js"
import { ERROR } from "../outcome.js"
import { meetUndici, undiciUrl, type UndiciRequest } from "../undici.js"
import type { Judge } from "./judge.js"

/**
 * Refuses in undici's dispatch, which gives callers the right error, and in its Request constructor for copies whose
 * dispatch cannot be reached: what publish throws there goes to the request's handler.
 */
export function refuseUndici(judge: Judge): () => void {
  // Touching it loads Node's own copy, which is lazy.
  void globalThis.Headers
  followDispatchers()
  setDispatchJudge((dispatcher, options, context) => {
    const origin = ownUrl(dispatcher) ?? originOf(options.origin)
    if (origin === null) return null
    const error = judgeUndici(judge, origin, options, context)
    if (error !== null) recordRefusal(options.method ?? "GET", undiciUrl(origin, options.path ?? "/"), context, error)
    return error
  })
  const created = channel("undici:request:create") as Channel & { publish: Channel["publish"] }
  created.publish = function publish(message) {
    const { request } = message as { request: UndiciRequest }
    meetUndici(request)
    const origin = originOf(request.origin)
    const error = origin === null ? null : judgeUndici(judge, origin, request, activeContext())
    if (error !== null) {
      recordRefusal(request.method, undiciUrl(request.origin, request.path), activeContext(), error)
      throw error
    }
    ;(Object.getPrototypeOf(this) as Channel).publish.call(this, message)
  }
  return () => {
    setDispatchJudge(null)
    delete (created as Partial<typeof created>).publish
  }
}

function judgeUndici(judge: Judge, origin: string, request: DispatchOptions, context: InterceptorContext): Error | null {
  const path = request.path ?? "/"
  if (request.method === "CONNECT") return judge.origin(origin, context) ?? judge.origin(`https://${path}`, context)
  return judge.request(origin, path, context)
}

/** A Client or a Pool goes to its own URL, whatever the options say. */
function ownUrl(dispatcher: object): string | null {
  for (let at: object | null = dispatcher; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    for (const symbol of Object.getOwnPropertySymbols(at)) {
      if (symbol.description !== "url") continue
      const url = (dispatcher as Record<symbol, unknown>)[symbol]
      if (url instanceof URL) return url.origin
    }
  }
  return null
}

function originOf(origin: string | URL | undefined): string | null {
  if (origin === undefined || origin === null) return null
  return typeof origin === "string" ? origin : origin.origin
}

function recordRefusal(method: string, url: string, context: InterceptorContext, error: Error): void {
  try {
    begin(method, url, context)?.finish(ERROR, error, null, null)
  } catch (failure) {
    failed("refusal", failure)
  }
}
