import { AsyncLocalStorage } from "node:async_hooks"
import type { InterceptorContext } from "./context.js"
import type { Exchange } from "./exchange.js"
import type { RecorderHandle, RecorderOptions, Settings } from "./install.js"

/**
 * What all copies of this library in one thread share (ESM and CJS, two versions), so that they record once and see the
 * same contexts. The number in the name changes when this shape does.
 */
interface Shared {
  readonly contexts: AsyncLocalStorage<InterceptorContext>
  /** Whether any context was ever made: before that, every exchange's context is the default, whoever asks. */
  contextsUsed: boolean
  /** The exchanges that have begun and not ended, in the order of their beginnings. */
  readonly open: Set<Exchange>
  /** The newest installation's settings; null while nothing is installed. */
  active: Settings | null
  recordErrors: number
  /** The first copy's installRecorder, which the others call. */
  install: ((options: RecorderOptions) => RecorderHandle) | null
}

const KEY = Symbol.for("vouchsafe.recorder.1")

const holder = globalThis as { [KEY]?: Shared }

export const shared: Shared = (holder[KEY] ??= {
  contexts: new AsyncLocalStorage<InterceptorContext>(),
  contextsUsed: false,
  open: new Set<Exchange>(),
  active: null,
  recordErrors: 0,
  install: null,
})
