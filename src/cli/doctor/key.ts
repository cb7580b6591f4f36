/** Is the signing key there, its owner's alone, and this log's? */

import { constants, existsSync, statSync } from "node:fs"
import { readKey } from "../../engine/folder.js"
import { keyFileOf } from "../keys.js"
import { broken, expected, ok, type Finding } from "./finding.js"
import { permitted, type Access } from "./permitted.js"

export async function checkKey(dir: string, access?: Access): Promise<Finding> {
  const file = keyFileOf(dir)
  const restore = "restore the key file from a backup: a log keeps the key that it began with"
  if (!permitted(file, constants.R_OK, access)) {
    return broken(
      "key",
      `${file} cannot be read by this user`,
      "run as the folder's owner, or give this user the right to read it",
    )
  }
  if (!existsSync(file)) return broken("key", `${file} is missing`, restore)
  const key = await expected("key", () => readKey(dir, file))
  if ("state" in key) return key
  if (key.fits === false) return broken("key", `${file} did not sign this log`, restore)
  const mode = statSync(file).mode & 0o777
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    return broken(
      "key",
      `${file} has mode ${mode.toString(8).padStart(4, "0")}: whoever reads it can sign as this log`,
      `chmod 600 ${file}`,
    )
  }
  return ok("key", `${key.origin}, readable by its owner only`)
}
