/** Whose signatures a command trusts. */

import { existsSync } from "node:fs"
import { join } from "node:path"
import { readKey, readVkey } from "../engine/folder.js"
import { trustedKeys } from "../verify/trust.js"
import { CommandError } from "./error.js"
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

/** The vkeys that are named, else those of the trust file, else the folder's own. */
export async function keysFor({ dir, key = [], keys }: KeyOptions): Promise<string[]> {
  const named = [
    ...key,
    ...(keys === undefined
      ? []
      : (await readInput(keys))
          .split("\n")
          .map((line) => line.trim())
          .filter(isEntry)),
  ]
  const own = named.length === 0 && existsSync(keyFileOf(dir)) ? (await readKey(dir, keyFileOf(dir))).vkey : null
  const trusted = named.length > 0 ? named : trustedKeys(undefined, dir, own)
  if (!trusted || trusted.length === 0) {
    throw new CommandError(
      "NO_KEY",
      `no key to check with: name the signer's with --key VKEY (it prints its own with \`vouchsafe key\`), ` +
        `or trust it once with \`vouchsafe key trust VKEY\``,
    )
  }
  for (const vkey of trusted) await readVkey(vkey)
  return trusted
}
