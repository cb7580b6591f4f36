/** Which requests fail, drawn from a seed. */

import type { StubOptions } from "./options.js"

export type Fault = "unavailable" | "reset before" | "reset after" | null

export class Faults {
  #state: number
  #resets = 0

  constructor(private readonly options: Required<StubOptions>) {
    this.#state = options.seed
  }

  next(): Fault {
    const { unavailable, resets } = this.options
    const drawn = this.#draw()
    if (drawn < unavailable) return "unavailable"
    if (drawn >= unavailable + resets) return null
    return this.#resets++ % 2 === 0 ? "reset before" : "reset after"
  }

  /** mulberry32: a number from 0 up to 1. */
  #draw(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
