import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { ClientRequest, type IncomingMessage } from "node:http"
import { begin, type Exchange } from "./exchange.js"
import { failed } from "./failures.js"
import { find, fromBlock, fromRaw } from "./headers.js"
import { requestUrl, urlByPort } from "./http-url.js"
import { ABORTED, COMPLETE, type Outcome, outcomeOf } from "./outcome.js"
import { isRedirect } from "./redirects.js"
import { shared } from "./shared.js"

const EXCHANGE = Symbol("vouchsafe.exchange")

// oxlint-disable-next-line typescript/no-explicit-any -- node's overloads are passed through as they came
type Method = (this: any, ...all: any[]) => any

interface Tapped {
  /** Null: this request is not to be recorded. */
  readonly exchange: Exchange | null
  readonly write: Method
  readonly end: Method
  emit: Method | null
}
type TappedRequest = ClientRequest & {
  [EXCHANGE]?: Tapped
  _header?: string | null
  finished: boolean
  res?: TappedResponse | null
}
interface TappedBody {
  readonly request: TappedRequest
  readonly exchange: Exchange
  readonly push: Method
  readonly _destroy: Method
}
type TappedResponse = IncomingMessage & { [EXCHANGE]?: TappedBody; _dumped?: boolean; upgrade?: boolean }

export const HTTP_CHANNELS = ["http.client.request.created", "http.client.response.finish", "http.client.request.error"]
const LISTENERS = [onCreated, onResponse, onError]

/** Node 20 announces no created request: the first call of write or end is the next best moment. */
const prototype = ClientRequest.prototype as unknown as { write: Method; end: Method }
const inherited = Object.getPrototypeOf(prototype) as { write: Method; end: Method }

export function tapHttp(): void {
  if (!Object.hasOwn(prototype, "write") && !Object.hasOwn(prototype, "end")) {
    prototype.write = firstWrite
    prototype.end = firstEnd
  }
  HTTP_CHANNELS.forEach((name, at) => subscribe(name, LISTENERS[at]!))
}

export function untapHttp(): void {
  HTTP_CHANNELS.forEach((name, at) => unsubscribe(name, LISTENERS[at]!))
  leavePrototype()
}

function leavePrototype(): void {
  const fields = prototype as Partial<typeof prototype>
  if (prototype.write === firstWrite) delete fields.write
  if (prototype.end === firstEnd) delete fields.end
}

function firstWrite(this: TappedRequest, ...all: unknown[]): unknown {
  follow(this, false)
  return (this.write === firstWrite ? inherited.write : (this.write as Method)).apply(this, all)
}

function firstEnd(this: TappedRequest, ...all: unknown[]): unknown {
  follow(this, false)
  return (this.end === firstEnd ? inherited.end : (this.end as Method)).apply(this, all)
}

function onCreated(message: unknown): void {
  // This version announces requests, so that the prototype can be left alone.
  leavePrototype()
  follow((message as { request: TappedRequest }).request, false)
}

/** Begins the exchange of a request that is not followed yet. */
function follow(request: TappedRequest, late: boolean): Exchange | null {
  try {
    const known = request[EXCHANGE]
    if (known !== undefined) return known.exchange
    const exchange = begin(request.method, requestUrl(request), undefined, late && shared.contextsUsed)
    request[EXCHANGE] = {
      exchange,
      write: request.write === firstWrite ? inherited.write : request.write,
      end: request.end === firstEnd ? inherited.end : request.end,
      emit: null,
    }
    if (exchange !== null) {
      request.write = write
      request.end = end as typeof request.end
    }
    return exchange
  } catch (error) {
    failed("http request", error)
    return null
  }
}

function write(this: TappedRequest, ...all: unknown[]): boolean {
  const tapped = this[EXCHANGE]!
  sent(this, tapped, all[0], all[1])
  return tapped.write.apply(this, all)
}

function end(this: TappedRequest, ...all: unknown[]): unknown {
  const tapped = this[EXCHANGE]!
  sent(this, tapped, all[0], all[1])
  if (this.method === "CONNECT" || this.hasHeader("upgrade")) {
    tapped.emit = this.emit
    this.emit = emit
  }
  return tapped.end.apply(this, all)
}

function sent(request: TappedRequest, tapped: Tapped, chunk: unknown, encoding: unknown): void {
  try {
    if (chunk == null || typeof chunk === "function" || request.finished) return
    tapped.exchange!.sent(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : undefined)
  } catch (error) {
    failed("http request body", error)
  }
}

/** An upgrade ends on no channel; its event ends the row. */
function emit(this: TappedRequest, ...all: unknown[]): boolean {
  const tapped = this[EXCHANGE]!
  if (all[0] === "upgrade" || all[0] === "connect") {
    try {
      const response = all[1] as TappedResponse
      answered(this, tapped.exchange!, response)
      finish(this, tapped.exchange!, response, COMPLETE, null)
    } catch (error) {
      failed("http upgrade", error)
    }
  }
  return tapped.emit!.apply(this, all)
}

function onResponse(message: unknown): void {
  try {
    const { request, response } = message as { request: TappedRequest; response: TappedResponse }
    const exchange = exchangeOf(request)
    if (exchange === null || exchange.ended) return
    answered(request, exchange, response)
    response[EXCHANGE] = { request, exchange, push: response.push, _destroy: response._destroy }
    response.push = push
    response._destroy = destroy
  } catch (error) {
    failed("http.client.response.finish", error)
  }
}

/** A request that fails or is answered before its first write is met here; one that ended unseen began before us. */
function exchangeOf(request: TappedRequest): Exchange | null {
  const tapped = request[EXCHANGE]
  if (tapped !== undefined) return tapped.exchange
  return request.finished ? null : follow(request, true)
}

function answered(request: TappedRequest, exchange: Exchange, response: TappedResponse): void {
  exchange.url = urlByPort(request) ?? exchange.url
  exchange.httpVersion = response.httpVersion
  const status = response.statusCode ?? 0
  exchange.answered(status, isRedirect(status) ? find(response.rawHeaders, "location") : null)
}

function push(this: TappedResponse, chunk: unknown, ...rest: unknown[]): boolean {
  const { request, exchange, push } = this[EXCHANGE]!
  try {
    if (chunk === null) {
      if (this._dumped && mayHaveBody(request, this)) exchange.response = null
      finish(request, exchange, this, COMPLETE, null)
    } else exchange.response?.add(chunk as Uint8Array)
  } catch (error) {
    failed("http response body", error)
  }
  return push.call(this, chunk, ...rest)
}

/** Node throws the bytes of a response away that nobody listens for, so that nobody has seen them. */
function mayHaveBody(request: TappedRequest, response: TappedResponse): boolean {
  return request.method !== "HEAD" && response.statusCode !== 204 && response.statusCode !== 304
}

function destroy(this: TappedResponse, error: Error | null, ...rest: unknown[]): void {
  const { request, exchange, _destroy } = this[EXCHANGE]!
  try {
    if (!exchange.ended) {
      // A request that its caller gives up has dumped its response before the socket closes.
      const outcome = this._dumped ? ABORTED : outcomeOf(error)
      finish(request, exchange, this, outcome, error ?? "response destroyed")
    }
  } catch (failure) {
    failed("http response end", failure)
  }
  return _destroy.call(this, error, ...rest)
}

function onError(message: unknown): void {
  try {
    const { request, error } = message as { request: TappedRequest; error: Error }
    const exchange = exchangeOf(request)
    if (exchange === null || exchange.ended) return
    finish(request, exchange, request.res ?? null, givenUp(request, error) ? ABORTED : outcomeOf(error), error)
  } catch (failure) {
    failed("http.client.request.error", failure)
  }
}

/** Node says "socket hang up" of a destroyed request too; where the server hung up, the socket has ended or failed. */
function givenUp(request: TappedRequest, error: Error): boolean {
  if (error.message !== "socket hang up") return false
  const { socket } = request
  return socket == null || (!socket.readableEnded && socket.errored == null)
}

function finish(request: TappedRequest, exchange: Exchange, response: TappedResponse | null, outcome: Outcome, error: unknown): void {
  const head = request._header
  exchange.finish(
    outcome,
    error,
    head ? fromBlock(head, head.indexOf("\r\n") + 2) : null,
    response === null ? null : fromRaw(response.rawHeaders),
  )
}
