import type { Exchange } from "./exchange.js"
import { uuidv7 } from "../ids.js"
import type { InterceptorContext } from "./context.js"

/** An exchange that the next matching one will have as its parent. */
interface Awaited {
  readonly id: string
  /** Of a redirect: where it was made. Null for a failed attempt. */
  readonly context: InterceptorContext | null
  /** Of a failed attempt: the tool call that may try again. */
  readonly callRef: string | null
  readonly method: string
  readonly url: string
}

/** More than this many unanswered redirects and failures are forgotten, oldest first. */
const MAX_AWAITED = 64
const awaited: Awaited[] = []

const REDIRECTS = new Set([301, 302, 303, 307, 308])

function retryable(status: number): boolean {
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500
}

/** The id of the exchange that this one follows, as a redirect hop or as a retry; taken once. */
export function takeParent(context: InterceptorContext, method: string, url: string): string | null {
  for (let i = awaited.length - 1; i >= 0; i--) {
    const one = awaited[i]!
    if (one.url !== url) continue
    if (one.context === null ? one.callRef === context.callRef && one.method === method : one.context === context) {
      awaited.splice(i, 1)
      return one.id
    }
  }
  return null
}

/** Called at a response's headers: a redirect or a failure that can be tried again gets an id to be found by. */
export function awaitNext(exchange: Exchange, status: number, location: string | null): void {
  if (location !== null && REDIRECTS.has(status)) {
    if (!URL.canParse(location, exchange.url)) return
    const target = new URL(location, exchange.url)
    target.hash = ""
    push(exchange, exchange.context, target.href)
  } else if (retryable(status)) awaitRetry(exchange)
}

/** Called when an attempt failed: the same request of the same tool call is its retry. */
export function awaitRetry(exchange: Exchange): void {
  if (exchange.context.callRef !== null) push(exchange, null, exchange.url)
}

function push(exchange: Exchange, context: InterceptorContext | null, url: string): void {
  if (exchange.id !== null) return
  exchange.id = uuidv7()
  const { callRef } = exchange.context
  awaited.push({ id: exchange.id, context, callRef, method: exchange.method, url })
  if (awaited.length > MAX_AWAITED) awaited.shift()
}

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}
