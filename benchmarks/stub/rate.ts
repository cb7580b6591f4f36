/** How many requests any second admits. */

const WINDOW_MS = 1000

export class Rate {
  #admitted: number[] = []

  /** Admits a request, or says after how many whole seconds it may come again. */
  admit(now: number, perSecond: number): number | null {
    this.#admitted = this.#admitted.filter((at) => at > now - WINDOW_MS)
    if (this.#admitted.length < perSecond) {
      this.#admitted.push(now)
      return null
    }
    return Math.max(1, Math.ceil((this.#admitted[0]! + WINDOW_MS - now) / 1000))
  }
}
