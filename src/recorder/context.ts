import { uuidv7 } from "../ids.js"
import { shared } from "./shared.js"

/** The most characters of an agent's id or an action's name; what is longer is cut. */
const MAX_NAME = 255

/** The agent that rows carry when nobody names one. */
export const DEFAULT_AGENT = "_default"

/** Whose exchange it is. A null is filled when the row is made: agentId and runId from start(), the rest stays null. */
export interface InterceptorContext {
  readonly agentId: string | null
  readonly actionName: string | null
  readonly callRef: string | null
  readonly toolCallId: string | null
  readonly runId: string | null
  /** Our own traffic: neither recorded nor refused. */
  readonly unrecorded: boolean
}

const ROOT: InterceptorContext = {
  agentId: null,
  actionName: null,
  callRef: null,
  toolCallId: null,
  runId: null,
  unrecorded: false,
}

function limited(name: string): string {
  return name.length <= MAX_NAME ? name : name.slice(0, MAX_NAME).replace(/[\uD800-\uDBFF]$/, "")
}

/** The context of the code that runs now, the same object for all that shares it. */
export function activeContext(): InterceptorContext {
  return shared.contexts.getStore() ?? ROOT
}

function derived(change: Partial<InterceptorContext>): InterceptorContext {
  const base = activeContext()
  shared.contextsUsed = true
  return {
    agentId: change.agentId == null ? base.agentId : limited(change.agentId),
    actionName: change.actionName == null ? base.actionName : limited(change.actionName),
    callRef: change.callRef ?? base.callRef,
    toolCallId: change.toolCallId === undefined ? base.toolCallId : change.toolCallId,
    runId: change.runId ?? base.runId,
    unrecorded: change.unrecorded ?? base.unrecorded,
  }
}

export interface ToolOptions {
  /** The tool's name: the action of what it fetches, at most 255 characters. */
  name: string
  /** The model's own id of this tool call. */
  id?: string
  agentId?: string
  /** Put the call's reference as `_ref` into a plain object that fn returns, so that the model can cite it. */
  annotate?: boolean
}

/** What fn fetches is recorded as one call of this tool, under a callRef of its own; returns what fn returns. */
export function withTool<T>(tool: ToolOptions, fn: (call: { callRef: string }) => T): T {
  const callRef = uuidv7()
  const context = derived({
    actionName: tool.name,
    callRef,
    toolCallId: tool.id ?? null,
    agentId: tool.agentId ?? null,
  })
  const result = shared.contexts.run(context, fn, { callRef })
  if (!tool.annotate) return result
  return (isThenable(result) ? result.then((value) => annotated(value, callRef)) : annotated(result, callRef)) as T
}

/** What fn fetches belongs to this run (a turn, a conversation); without a runId a new one is made. */
export function withRun<T>(run: { runId?: string }, fn: (run: { runId: string }) => T): T {
  const runId = run.runId ?? uuidv7()
  return shared.contexts.run(derived({ runId }), fn, { runId })
}

export interface ContextOptions {
  agentId?: string
  actionName?: string
  callRef?: string
  runId?: string
}

/** What fn fetches is recorded with these names; those that are not given stay as they are. */
export function withInterceptorContext<T>(context: ContextOptions, fn: () => T): T {
  return shared.contexts.run(derived(context), fn)
}

/** As withInterceptorContext, for the rest of the current asynchronous context. */
export function setInterceptorContext(context: ContextOptions): void {
  shared.contexts.enterWith(derived(context))
}

/** The names that an exchange would be recorded with now. */
export function currentContext(): Omit<InterceptorContext, "unrecorded" | "agentId"> & { agentId: string } {
  const { agentId, actionName, callRef, toolCallId, runId } = activeContext()
  const defaults = shared.active?.defaults()
  return {
    agentId: agentId ?? defaults?.agentId ?? DEFAULT_AGENT,
    actionName,
    callRef,
    toolCallId,
    runId: runId ?? defaults?.runId ?? null,
  }
}

/** Runs our own traffic (to a backend, to a server): it is neither recorded nor refused. */
export function withoutRecording<T>(fn: () => T): T {
  return shared.contexts.run(derived({ unrecorded: true }), fn)
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
}

function annotated(value: unknown, callRef: string): unknown {
  if (typeof value !== "object" || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? { ...value, _ref: callRef } : value
}
