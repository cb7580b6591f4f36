/** How many tests passed, failed and were skipped. */

/** The counts of one suite, or of all. */
export class Counts {
  passed = 0
  failed = 0
  skipped = 0

  constructor(suite = "", say = (line) => process.stdout.write(`${line}\n`)) {
    this.suite = suite
    this.say = say
  }

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.passed += passed
    this.failed += failed
    this.skipped += skipped
    return this
  }

  /** Ends the suite: a bad exit that no test explains, and a suite that ran nothing, each count as a failure. */
  end(exitCode) {
    const fault = this.passed + this.failed === 0 ? "ran no test" : exitCode !== 0 && this.failed === 0 ? "did not end well" : null
    if (fault === null) return this
    this.say(`${this.suite} ${fault} (exit code ${exitCode})`)
    return this.add({ failed: 1 })
  }

  /** `N passed, N failed`, and `, N skipped` where some were. */
  toString() {
    return `${this.passed} passed, ${this.failed} failed${this.skipped > 0 ? `, ${this.skipped} skipped` : ""}`
  }
}
