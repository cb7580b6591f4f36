#!/usr/bin/env node
/** The command line: `vouchsafe demo`. */

import { demo } from "./demo.js"
import { UsageError } from "./usage.js"

const USAGE = `Usage: vouchsafe <command>

  demo    watch an agent's claims being checked against what its tools received

vouchsafe <command> --help says more.
`

async function main([command, ...args]: string[]): Promise<number> {
  if (command === "demo") return demo(args)
  if (command !== "--help" && command !== "-h") {
    throw new UsageError(command === undefined ? "a command is missing" : `unknown command: ${command}`, USAGE)
  }
  process.stdout.write(USAGE)
  return 0
}

// A reader that has seen enough, as `head` does, is no failure; the command still cleans up behind itself.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${error.usage}`)
  process.exitCode = UsageError.EXIT_CODE
}
