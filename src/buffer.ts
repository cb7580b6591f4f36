/** Holds what is recorded while the store is still being opened, and hands it over once it is. */

import type { Engine, ToolRecord } from "./engine/engine.js"
import type { Sink } from "./recorder/sink.js"

type Records = Pick<Engine, "record" | "recordTool">

/** A sink that can be used before there is an engine. */
export class BufferedSink implements Records {
  #waiting: ((engine: Records) => void)[] | null = []
  #engine: Records | null = null

  record = (...exchange: Parameters<Sink["record"]>): void => {
    if (this.#engine) this.#engine.record(...exchange)
    else this.#waiting?.push((engine) => engine.record(...exchange))
  }

  recordTool = (tool: ToolRecord): void => {
    if (this.#engine) this.#engine.recordTool(tool)
    else this.#waiting?.push((engine) => engine.recordTool(tool))
  }

  /** What came so far goes to the engine; the recorder is to call it directly from now on. */
  open(engine: Records): void {
    this.#engine = engine
    for (const hand of this.#waiting ?? []) hand(engine)
    this.#waiting = null
  }

  /** Whether anything waits for an engine. */
  get isWaiting(): boolean {
    return this.#waiting !== null && this.#waiting.length > 0
  }

  /** There will be no engine. */
  discard(): void {
    this.#waiting = null
  }
}
