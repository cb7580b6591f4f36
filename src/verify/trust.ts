/** Whose signatures count: the option, else the trusted-keys file, else this engine's own key. Never on first use. */

import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { InvalidOptionError } from "../errors.js"

/** The vkeys that an evaluation trusts; null where nothing says which. */
export function trustedKeys(option: string[] | undefined, dir: string | null, own: string | null): string[] | null {
  if (option) return option
  const named = process.env["VOUCHSAFE_TRUSTED_KEYS"] !== undefined
  const file = trustFile(dir)
  if (file !== null && (named || existsSync(file))) return read(file)
  return own === null ? null : [own]
}

/** The file that says it: VOUCHSAFE_TRUSTED_KEYS, else the folder's; null where there is neither. */
export function trustFile(dir: string): string
export function trustFile(dir: string | null): string | null
export function trustFile(dir: string | null): string | null {
  return process.env["VOUCHSAFE_TRUSTED_KEYS"] ?? (dir === null ? null : join(dir, "trusted-keys"))
}

/** A vkey a line; empty lines and lines that begin with # are left out. */
function read(file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    throw new InvalidOptionError("VOUCHSAFE_TRUSTED_KEYS", `${file} cannot be read: ${(error as Error).message}`)
  }
  const lines = text.split("\n").map((line) => line.trim())
  return lines.filter((line) => line !== "" && !line.startsWith("#"))
}
