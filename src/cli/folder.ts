/** The files in a store's folder that a person writes through the command line. */

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { CommandError } from "./error.js"

/** The lines of a file in the folder; none where it is not there. */
export function readLines(dir: string, name: string): string[] {
  return attempt(join(dir, name), (path) =>
    existsSync(path) ? readFileSync(path, "utf8").replace(/\n$/, "").split("\n") : [],
  )
}

/** Replaces a file in the folder, which only its owner may read; whoever reads it meanwhile finds the old one or the new. */
export function replaceLines(dir: string, name: string, lines: readonly string[]): void {
  attempt(join(dir, name), (path) => {
    makeFolder(dir)
    const next = `${path}.${process.pid}.new`
    rmSync(next, { force: true })
    writeFileSync(next, lines.map((line) => `${line}\n`).join(""), { mode: 0o600, flag: "wx", flush: true })
    renameSync(next, path)
  })
}

/** Removes a file of the folder. */
export function removeFile(dir: string, name: string): void {
  attempt(join(dir, name), (path) => rmSync(path, { force: true }))
}

/** Whether a line says something: neither empty nor a comment. */
export function isEntry(line: string): boolean {
  return line.trim() !== "" && !line.trim().startsWith("#")
}

/** As start() makes it: private, and ignored by git. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) return
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  chmodSync(dir, 0o700)
  writeFileSync(join(dir, ".gitignore"), "*\n")
}

function attempt<T>(path: string, work: (path: string) => T): T {
  try {
    return work(path)
  } catch (error) {
    throw new CommandError("FILE", `${path}: ${(error as Error).message}`)
  }
}
