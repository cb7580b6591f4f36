/** The Rust tests: every crate but the binding, which cargo cannot link without Node. */

import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { root } from "../setup/step.mjs"
import { Counts } from "./counts.mjs"

const RUNNING = /^running \d+ tests?$/
const RESULT = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/
/** What `vouchsafe-pg-test` prints for a test that ends without its PostgreSQL. */
const SKIPPED = /^skipped without PostgreSQL: /

/** A reader of the lines of cargo's output, which adds what they say to the counts. */
export function cargoReader(counts) {
  let inHarness = false
  return (line) => {
    if (RUNNING.test(line)) inHarness = true
    // The harness counts it as passed; a test that is a program of its own is in no result line.
    if (SKIPPED.test(line)) counts.add({ skipped: 1, passed: inHarness ? -1 : 0 })
    const [, passed, failed, ignored] = line.match(RESULT) ?? []
    if (passed === undefined) return
    counts.add({ passed: Number(passed), failed: Number(failed), skipped: Number(ignored) })
    inHarness = false
  }
}

/** Runs them; resolves to their counts. */
export async function testRust() {
  const args = ["test", "--workspace", "--exclude", "vouchsafe-node", "--no-fail-fast"]
  // Its progress goes to stderr, straight to the terminal.
  const child = spawn("cargo", args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve))
  const counts = new Counts("cargo test")
  const read = cargoReader(counts)
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`)
    read(line)
  }
  return counts.end(await ended)
}
