/** The store that a command is about. */

import { existsSync } from "node:fs"
import { join } from "node:path"
import { CommandError } from "./error.js"

/** Refuses a folder without a store, before anything else is asked of it. */
export function needStore(dir: string): void {
  if (existsSync(join(dir, "vouchsafe.db"))) return
  const there = existsSync(dir) ? "has no store in it" : "is not there"
  throw new CommandError("STORE_NOT_FOUND", `the folder ${dir} ${there}: name the store's folder with --dir`)
}
