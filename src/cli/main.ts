#!/usr/bin/env node
/** The command line. */

import { CommanderError } from "commander"
import { FAILED, FINE, USAGE } from "./exit-codes.js"
import { program } from "./program.js"

// A reader that has seen enough, as `head` does, is no failure; the command still cleans up behind itself.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
  })
}

try {
  const commands = program()
  if (process.argv.length <= 2) commands.error("error: a command is missing")
  await commands.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said what was wrong. Help that was asked for is no error; help in the place of a missing command is.
    process.exitCode = error.exitCode === FINE ? FINE : USAGE
  } else {
    process.stderr.write(`${(error as Error).stack}\n`)
    process.exitCode = FAILED
  }
}
