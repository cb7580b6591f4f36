/** Holds exchanges that end while the store is still being opened, and hands them over once it is. */

import type { Sink } from "./recorder/sink.js"

type Arguments = Parameters<Sink["record"]>

/** A sink that can be used before there is an engine. */
export class BufferedSink implements Sink {
  #waiting: Arguments[] | null = []
  #sink: Sink | null = null

  record = (...exchange: Arguments): void => {
    if (this.#sink) this.#sink.record(...exchange)
    else this.#waiting?.push(exchange)
  }

  /** What came so far goes to the engine; the recorder is to call it directly from now on. */
  open(sink: Sink): void {
    this.#sink = sink
    for (const exchange of this.#waiting ?? []) sink.record(...exchange)
    this.#waiting = null
  }

  /** There will be no engine. */
  discard(): void {
    this.#waiting = null
  }
}
