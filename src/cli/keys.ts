/** Whose signatures a command trusts. */

import { existsSync } from "node:fs"
import { join } from "node:path"
import { VouchsafeError } from "../errors.js"
import { readKey, readVkey } from "../engine/folder.js"
import { trustedKeys } from "../verify/trust.js"
import { CommandError, UsageError } from "./error.js"
import { isEntry } from "./folder.js"
import { readInput } from "./input.js"

/** The options that say it. */
export interface KeyOptions {
  dir: string
  key?: string[]
  keys?: string
}

/** The file of a folder's signing key. */
export function keyFileOf(dir: string): string {
  return process.env["VOUCHSAFE_KEY_FILE"] ?? join(dir, "key")
}

/** The vkeys that are named, else those of the trust file, else the folder's own, which is read only then. */
export async function keysFor({ dir, key = [], keys }: KeyOptions): Promise<string[]> {
  await checkKeys(key)
  const listed = keys === undefined ? [] : (await readInput(keys)).split("\n").map((line) => line.trim())
  const named = [...key, ...listed.filter(isEntry)]
  const trusted = named.length > 0 ? named : (trustedKeys(undefined, dir, null) ?? (await ownKey(dir)))
  if (trusted.length === 0) {
    throw new CommandError(
      "NO_KEY",
      `no key to check with: name the signer's with --key VKEY (it prints its own with \`vouchsafe key\`), ` +
        `the folder that has one with --dir, or trust it once with \`vouchsafe key trust VKEY\``,
    )
  }
  for (const vkey of trusted) await readVkey(vkey)
  return trusted
}

/** Refuses what is no vkey on the command line. */
export async function checkKeys(keys: readonly string[]): Promise<void> {
  try {
    for (const vkey of keys) await readVkey(vkey)
  } catch (error) {
    throw error instanceof VouchsafeError && error.code === "KEY_UNUSABLE" ? new UsageError(error.message) : error
  }
}

async function ownKey(dir: string): Promise<string[]> {
  return existsSync(keyFileOf(dir)) ? [(await readKey(dir, keyFileOf(dir))).vkey] : []
}
