/** The trusted endpoints that a folder names, which `vouchsafe endpoints` writes. */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { InvalidOptionError } from "./errors.js"

/** The file's name in the store's folder: a pattern a line; empty lines and lines that begin with # say nothing. */
export const ENDPOINTS_FILE = "trusted-endpoints"

/** The patterns of a folder's file; null where there is none. A file without any trusts no endpoint. */
export function endpointsOf(dir: string): string[] | null {
  const lines = textOf(join(dir, ENDPOINTS_FILE))
    ?.split("\n")
    .map((line) => line.trim())
  return lines?.filter((line) => line !== "" && !line.startsWith("#")) ?? null
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8")
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // Whatever else keeps it from being read must not open the way to everywhere.
    if (code === "ENOENT" || code === "ENOTDIR") return null
    throw new InvalidOptionError("trustedEndpoints", `${file} cannot be read: ${message}`)
  }
}
