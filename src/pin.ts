/** The checkpoint that VOUCHSAFE_PIN names: what this log signs must extend it. */

import { readFileSync } from "node:fs"
import { InvalidOptionError } from "./errors.js"

/** The signed note in a file, which holds the note itself or a checkpoint as JSON; null where no file is named. */
export function pinned(file: string | undefined): string | null {
  if (file === undefined) return null
  try {
    return noteIn(readFileSync(file, "utf8"))
  } catch (error) {
    throw new InvalidOptionError("VOUCHSAFE_PIN", `${file} cannot be read: ${(error as Error).message}`)
  }
}

/** The signed note in a text, which is the note itself or a checkpoint as JSON; throws where the JSON is none. */
export function noteIn(text: string): string {
  // An editor may have left more than the one line feed that a note ends with.
  return text.startsWith("{") ? noteOf(JSON.parse(text) as { note?: unknown }) : `${text.trimEnd()}\n`
}

function noteOf({ note }: { note?: unknown }): string {
  if (typeof note !== "string") throw new TypeError("a checkpoint has a note")
  return note
}
