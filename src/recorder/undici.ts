import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { shared } from "./shared.js"
import { activeContext } from "./context.js"
import { dispatchContext, followDispatchers, rememberContext, unfollowDispatchers, UNKNOWN } from "./dispatch.js"
import { begin, type Exchange } from "./exchange.js"
import { failed } from "./failures.js"
import { find, fromBlock, fromRaw } from "./headers.js"
import { COMPLETE, outcomeOf } from "./outcome.js"
import { isRedirect } from "./redirects.js"

const EXCHANGE = Symbol("vouchsafe.exchange")

type Raw = (string | Uint8Array)[]

/** undici's Request, the same in what is read here from version 5 to 8. */
export interface UndiciRequest {
  readonly origin: string | URL
  readonly path: string
  readonly method: string
  readonly headers: string | Raw
  readonly host: string | null
  readonly contentLength: number | null
  readonly upgrade: string | null
  [EXCHANGE]?: Tapped
  onBodySent(chunk: unknown): unknown
  onData?(chunk: Uint8Array): unknown
  onResponseData?(chunk: Uint8Array): unknown
  onUpgrade?(status: number | null, headers: Raw | null, ...rest: unknown[]): unknown
  onRequestUpgrade?(status: number | null, headers: Raw | null, ...rest: unknown[]): unknown
}

/** What is put on a request: its exchange and the methods that were there before. */
interface Tapped {
  readonly exchange: Exchange
  readonly onBodySent: UndiciRequest["onBodySent"]
  readonly onData: (chunk: Uint8Array) => unknown
  readonly onUpgrade: ((...all: [number | null, Raw | null, ...unknown[]]) => unknown) | null
  responseHeaders: Raw | null
}

const constructors = new WeakSet<object>()

export const UNDICI_CHANNELS = ["undici:request:create", "undici:request:headers", "undici:request:trailers", "undici:request:error"]
const LISTENERS = [onCreate, onHeaders, onTrailers, onError]

export function tapUndici(): void {
  followDispatchers()
  UNDICI_CHANNELS.forEach((name, at) => subscribe(name, LISTENERS[at]!))
}

export function untapUndici(): void {
  UNDICI_CHANNELS.forEach((name, at) => unsubscribe(name, LISTENERS[at]!))
  unfollowDispatchers()
}

/** The URL that a request goes to; a proxy's request may hold it whole in its path. */
export function undiciUrl(origin: string | URL, path: string): string {
  if (path.startsWith("http://") || path.startsWith("https://")) return path
  const text = typeof origin === "string" ? origin : origin.origin
  const base = text.endsWith("/") ? text.slice(0, -1) : text
  return path.startsWith("/") ? base + path : `${base}/${path}`
}

/** Whether this is the first request of a copy of undici; then its dispatchers are looked for. */
export function meetUndici(request: object): boolean {
  if (constructors.has(request.constructor)) return false
  constructors.add(request.constructor)
  followDispatchers()
  return true
}

function onCreate(message: unknown): void {
  try {
    const { request } = message as { request: UndiciRequest }
    const first = meetUndici(request)
    const dispatched = dispatchContext()
    const context = dispatched === null || dispatched === UNKNOWN ? activeContext() : dispatched
    // Of a copy whose dispatch cannot be followed, only the first request surely was made where it was asked for.
    const uncertain = dispatched === UNKNOWN || (dispatched === null && !first && shared.contextsUsed)
    if (first && dispatched === null) rememberHandler(request, context)
    const exchange = begin(request.method, undiciUrl(request.origin, request.path), context, uncertain)
    if (exchange !== null) tap(request, exchange)
  } catch (error) {
    failed("undici:request:create", error)
  }
}

function rememberHandler(request: UndiciRequest, context: ReturnType<typeof activeContext>): void {
  for (const symbol of Object.getOwnPropertySymbols(request)) {
    const handler = (request as unknown as Record<symbol, unknown>)[symbol]
    if (symbol.description === "handler" && typeof handler === "object" && handler !== null) rememberContext(handler, context)
  }
}

function tap(request: UndiciRequest, exchange: Exchange): void {
  const newer = request.onResponseData !== undefined
  const upgrading = request.upgrade !== null || request.method === "CONNECT"
  request[EXCHANGE] = {
    exchange,
    onBodySent: request.onBodySent,
    onData: (newer ? request.onResponseData : request.onData)!,
    onUpgrade: upgrading ? (newer ? request.onRequestUpgrade : request.onUpgrade)! : null,
    responseHeaders: null,
  }
  request.onBodySent = bodySent
  if (newer) request.onResponseData = data
  else request.onData = data
  if (upgrading) request[newer ? "onRequestUpgrade" : "onUpgrade"] = upgraded
}

function bodySent(this: UndiciRequest, chunk: unknown): unknown {
  const tapped = this[EXCHANGE]!
  try {
    tapped.exchange.sent(chunk)
  } catch (error) {
    failed("undici request body", error)
  }
  return tapped.onBodySent.call(this, chunk)
}

function data(this: UndiciRequest, chunk: Uint8Array): unknown {
  const tapped = this[EXCHANGE]!
  try {
    tapped.exchange.response?.add(chunk)
  } catch (error) {
    failed("undici response body", error)
  }
  return tapped.onData.call(this, chunk)
}

/** Node's own copy says nothing of an upgrade or a CONNECT, so that its row is closed here. */
function upgraded(this: UndiciRequest, status: number | null, headers: Raw | null, ...rest: unknown[]): unknown {
  const tapped = this[EXCHANGE]!
  try {
    if (status !== null) {
      answered(tapped, status, headers ?? [])
      finish(this, tapped, COMPLETE, null)
    }
  } catch (error) {
    failed("undici upgrade", error)
  }
  return tapped.onUpgrade!.call(this, status, headers, ...rest)
}

function onHeaders(message: unknown): void {
  try {
    const { request, response } = message as { request: UndiciRequest; response: { statusCode: number; headers: Raw } }
    const tapped = request[EXCHANGE]
    // It fires for informational responses too.
    if (tapped !== undefined && response.statusCode >= 200) answered(tapped, response.statusCode, response.headers)
  } catch (error) {
    failed("undici:request:headers", error)
  }
}

function answered(tapped: Tapped, status: number, headers: Raw): void {
  tapped.responseHeaders = headers
  tapped.exchange.answered(status, isRedirect(status) ? find(headers, "location") : null)
}

function onTrailers(message: unknown): void {
  try {
    const { request } = message as { request: UndiciRequest }
    const tapped = request[EXCHANGE]
    if (tapped !== undefined) finish(request, tapped, COMPLETE, null)
  } catch (error) {
    failed("undici:request:trailers", error)
  }
}

function onError(message: unknown): void {
  try {
    const { request, error } = message as { request: UndiciRequest; error: unknown }
    const tapped = request[EXCHANGE]
    if (tapped !== undefined) finish(request, tapped, outcomeOf(error), error)
  } catch (error) {
    failed("undici:request:error", error)
  }
}

function finish(request: UndiciRequest, tapped: Tapped, outcome: 0 | 1 | 2, error: unknown): void {
  if (tapped.exchange.ended) return
  const response = tapped.responseHeaders
  tapped.exchange.finish(outcome, error, requestHeaders(request), response === null ? null : fromRaw(response))
}

/** The header lines that undici writes; read at the end, since other subscribers may have added some. */
function requestHeaders(request: UndiciRequest): string {
  const { headers, host, contentLength, origin } = request
  let text = `host: ${host ?? (typeof origin === "string" ? origin.slice(origin.indexOf("//") + 2) : origin.host)}\n`
  text += typeof headers === "string" ? fromBlock(headers, 0) : fromRaw(headers)
  return contentLength === null ? text : `${text}content-length: ${contentLength}\n`
}

