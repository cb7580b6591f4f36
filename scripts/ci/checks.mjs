/** The checks that are no tests: formatting, lints, types, and generated files that are what their sources say. */

import { NAPI_BUILD } from "../setup/built.mjs"
import { run, seconds } from "../setup/step.mjs"

/** Generated and committed. */
const GENERATED = ["index.d.ts", "check.d.ts", "native/binding.cjs", "native/binding.d.cts"]

const node = (script, ...args) => [process.execPath, script, ...args]

/** Every check, in the order in which they run. */
export const checks = [
  check("rustfmt", [["cargo", "fmt", "--all", "--check"]]),
  check("clippy", [["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]]),
  check("oxlint", [node("node_modules/oxlint/bin/oxlint", "--deny-warnings")]),
  check("tsc", [node("node_modules/typescript/bin/tsc", "-p", "tsconfig.json")]),
  check("generated files", [
    node("node_modules/@napi-rs/cli/dist/cli.js", ...NAPI_BUILD),
    ["npm", "run", "--silent", "build:dts"],
    ["git", "ls-files", "--error-unmatch", ...GENERATED],
    ["git", "diff", "--exit-code", "--", ...GENERATED],
  ]),
]

/** A check of this name: it passes if every one of its commands does. */
function check(name, commands) {
  return async () => {
    const start = performance.now()
    const output = []
    for (const [command, ...args] of commands) {
      const code = await run(command, args, (line) => output.push(line)).catch((error) => error.message)
      if (code === 0) continue
      process.stdout.write(`${output.join("\n")}\n✘ ${name}: \`${[command, ...args].join(" ")}\` ended with ${code}\n`)
      return { failed: 1 }
    }
    process.stdout.write(`✔ ${name}, ${seconds(performance.now() - start)}\n`)
    return { passed: 1 }
  }
}
