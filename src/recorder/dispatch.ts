import Module from "node:module"
import { activeContext, type InterceptorContext } from "./context.js"

/** undici's own names, as far as they are the same in versions 5 to 8. */
export interface DispatchOptions {
  origin?: string | URL
  path?: string
  method?: string
}
export interface DispatchHandler {
  onError?(error: Error): void
  onResponseError?(controller: null, error: Error): void
}
type Dispatch = (this: object, options: DispatchOptions, handler: DispatchHandler) => boolean
interface DispatcherPrototype {
  dispatch: Dispatch
}

/** Judges a dispatch before it does anything; an error refuses it. */
export type DispatchJudge = (dispatcher: object, options: DispatchOptions, context: InterceptorContext) => Error | null

/** A dispatch whose caller's context nobody can tell. */
export const UNKNOWN = Symbol("unknown")
export type DispatchContext = InterceptorContext | typeof UNKNOWN

const wrapped = new Map<DispatcherPrototype, Dispatch>()

/**
 * The context in which a handler was first dispatched. undici up to 7 makes a queued request in the completion of another
 * one, and its retries and redirects in a socket's callbacks: both dispatch the same handler again.
 */
const contexts = new WeakMap<object, DispatchContext>()
/** Dispatchers that are reached through others: what they dispatch by themselves comes out of a queue. */
const inner = new WeakSet<object>()
let current: DispatchContext | null = null
let currentHandler: object | null = null
let judge: DispatchJudge | null = null

/** The context of the dispatch that runs now; null outside of any that is visible. */
export function dispatchContext(): DispatchContext | null {
  return current
}

/** Remembers a context for the dispatches to come of a handler that was first dispatched unseen. */
export function rememberContext(handler: object, context: DispatchContext): void {
  contexts.set(handler, context)
}

export function setDispatchJudge(next: DispatchJudge | null): void {
  judge = next
}

/** Finds every copy of undici that can be reached, Node's own and those in require's cache, and follows its dispatch. */
export function followDispatchers(): void {
  for (const version of [1, 2]) {
    const dispatcher = (globalThis as Record<symbol, unknown>)[Symbol.for(`undici.globalDispatcher.${version}`)]
    let prototype: unknown = dispatcher
    while (typeof prototype === "object" && prototype !== null) {
      if (isDispatcherBase(prototype)) follow(prototype)
      prototype = Object.getPrototypeOf(prototype)
    }
  }
  const cache = (Module as unknown as { _cache: Record<string, { exports: unknown } | undefined> })._cache
  for (const file of Object.keys(cache)) {
    if (!file.endsWith("dispatcher-base.js")) continue
    const exported = cache[file]?.exports
    if (typeof exported === "function" && isDispatcherBase(exported.prototype)) follow(exported.prototype)
  }
}

export function unfollowDispatchers(): void {
  for (const [prototype, original] of wrapped) prototype.dispatch = original
  wrapped.clear()
}

/** DispatcherBase is the class that has both an implemented dispatch and undici's `closed`. */
function isDispatcherBase(prototype: unknown): prototype is DispatcherPrototype {
  return (
    typeof prototype === "object" &&
    prototype !== null &&
    Object.hasOwn(prototype, "dispatch") &&
    Object.getOwnPropertyDescriptor(prototype, "closed")?.get !== undefined
  )
}

function follow(prototype: DispatcherPrototype): void {
  if (wrapped.has(prototype)) return
  const original = prototype.dispatch
  wrapped.set(prototype, original)
  prototype.dispatch = function dispatch(options, handler) {
    if (typeof handler !== "object" || handler === null) return original.call(this, options, handler)
    const outer = current
    const outerHandler = currentHandler
    const context = contextOf(this, handler, outer)
    if (judge !== null) {
      const refusal = judge(this, options, context === UNKNOWN ? activeContext() : context)
      if (refusal !== null) {
        if (typeof handler.onResponseError === "function") handler.onResponseError(null, refusal)
        else handler.onError?.(refusal)
        // false would tell a Pool to wait for a 'drain' that never comes.
        return true
      }
    }
    current = context
    currentHandler = handler
    try {
      return original.call(this, options, handler)
    } finally {
      current = outer
      currentHandler = outerHandler
    }
  }
}

function contextOf(dispatcher: object, handler: object, outer: DispatchContext | null): DispatchContext {
  if (outer !== null) {
    inner.add(dispatcher)
    if (handler === currentHandler) return outer
  }
  let context = contexts.get(handler)
  if (context === undefined) {
    context = outer ?? (inner.has(dispatcher) ? UNKNOWN : activeContext())
    contexts.set(handler, context)
  }
  return context
}
