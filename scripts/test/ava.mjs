/** The TypeScript tests, under this Node and others. */

import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { pythonSdk } from "../setup/python.mjs"
import { root, say } from "../setup/step.mjs"
import { Counts } from "./counts.mjs"

const AVA = ["node_modules/ava/entrypoints/cli.mjs", "--tap"]
const RESULT = /^(not )?ok \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$/
/** TAP's own frame, and hooks that went well. */
const SILENT = /^(TAP version|1\.\.\d|# (tests|pass|fail|skip) \d|# .* hook$|$)|^ +(---|\.\.\.)$/

/** Adds what a line of TAP says to the counts; returns it as a person reads it, or null where it says nothing. */
export function readTapLine(line, counts) {
  const [matched, not, title, directive] = line.match(RESULT) ?? []
  if (matched !== undefined) {
    counts.add(directive ? { skipped: 1 } : not ? { failed: 1 } : { passed: 1 })
    return `  ${directive ? "-" : not ? "✘" : "✔"} ${title}`
  }
  return SILENT.test(line) ? null : line
}

/** Runs them under the Node that runs this; resolves to their counts. */
export const testTypeScript = () => runAva("ava", process.execPath, AVA)

/** The same under the newer versions that are supported, one suite each; mutants are tried in full by the first one. */
export const testUnderOtherNodes = ["22", "24"].map((version) => {
  const args = ["-y", "-p", `node@${version}`, "node", ...AVA]
  return () => runAva(`ava on Node ${version}`, "npx", args, { VOUCHSAFE_MUTANTS: "10000" })
})

async function runAva(suite, command, args, defaults = {}) {
  const sdk = await pythonSdk()
  if (sdk.skip) say(`tests with the Python SDK are skipped: ${sdk.skip}`)
  process.stdout.write(`\n     Running ${suite}\n\n`)
  const shell = process.platform === "win32" && command === "npx"
  const child = spawn(command, args, { cwd: root, env: { ...defaults, ...process.env }, stdio: ["ignore", "pipe", "inherit"], shell })
  const ended = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve))
  const counts = new Counts(suite)
  for await (const line of createInterface({ input: child.stdout })) {
    const text = readTapLine(line, counts)
    if (text !== null) process.stdout.write(`${text}\n`)
  }
  counts.end(await ended)
  process.stdout.write(`\n${suite}: ${counts}\n\n`)
  return counts
}
