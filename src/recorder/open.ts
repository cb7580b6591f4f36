import { shared } from "./shared.js"

/** An exchange that has begun in this thread and not ended, with what it will be recorded as. */
export interface OpenExchange {
  readonly kind: 0 | 1
  readonly agentId: string
  readonly runId: string | null
  readonly context: { readonly actionName: string | null; readonly callRef: string | null; readonly toolCallId: string | null }
  readonly method: string
  readonly url: string
  /** Fulfilled when it has gone to the sink. */
  readonly done: Promise<void>
}

/** The open exchanges of this thread, oldest first. */
export function openExchanges(): Iterable<OpenExchange> {
  return shared.open
}
