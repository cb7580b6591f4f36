/** Files that are named on the command line; `-` is stdin. */

import { readFile, writeFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import { CommandError } from "./error.js"

/** The text of a file; throws a {@link CommandError} that names it. */
export async function readInput(file: string): Promise<string> {
  try {
    return file === "-" ? await text(process.stdin) : await readFile(file, "utf8")
  } catch (error) {
    throw new CommandError("FILE", `${file} cannot be read: ${(error as Error).message}`)
  }
}

/** Writes a file; throws a {@link CommandError} that names it. */
export async function writeOutput(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content)
  } catch (error) {
    throw new CommandError("FILE", `${file} cannot be written: ${(error as Error).message}`)
  }
}
