/** Where the demo leaves what it made, and where it does not. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DemoError } from "./error.js"

/** A store that is deleted again: the payload files must do without it. */
export async function temporaryStore(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-demo-"))
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) }
}

/** Writes a file into the folder for results, which git ignores; returns its path. */
export async function writeResult(dir: string, name: string, content: string): Promise<string> {
  const file = join(dir, name)
  try {
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, ".gitignore"), "*\n")
    await writeFile(file, content)
  } catch (error) {
    throw new DemoError(`${file} could not be written (${(error as Error).message}): choose another folder with --dir`)
  }
  return file
}
