/** The Rust tests: every crate but the binding, which cargo cannot link without Node. */

import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { root } from "../setup/step.mjs"
import { Counts } from "./counts.mjs"

const RESULT = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/

/** Adds what a line of cargo's output says to the counts. */
export function countCargoLine(line, counts) {
  const [, passed, failed, ignored] = line.match(RESULT) ?? []
  if (passed !== undefined) counts.add({ passed: Number(passed), failed: Number(failed), skipped: Number(ignored) })
}

/** Runs them; resolves to their counts. */
export async function testRust() {
  const args = ["test", "--workspace", "--exclude", "vouchsafe-node", "--no-fail-fast"]
  // Its progress goes to stderr, straight to the terminal.
  const child = spawn("cargo", args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve))
  const counts = new Counts("cargo test")
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`)
    countCargoLine(line, counts)
  }
  return counts.end(await ended)
}
