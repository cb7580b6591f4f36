/** Is the folder its owner's alone, and may this user write it? */

import { constants, statSync } from "node:fs"
import { join } from "node:path"
import { broken, ok, warning, type Finding } from "./finding.js"
import { permitted, type Access } from "./permitted.js"

export function checkFolder(dir: string, access?: Access): Finding[] {
  const closed = [dir, join(dir, "vouchsafe.db")].find((path) => !permitted(path, constants.W_OK, access))
  if (closed !== undefined) {
    return [
      broken(
        "folder",
        `${closed} cannot be written by this user: nothing can be recorded`,
        "run as the folder's owner, or give this user the right to write it",
      ),
    ]
  }
  if (process.platform === "win32") return []
  const mode = statSync(dir).mode & 0o777
  const text = mode.toString(8).padStart(4, "0")
  if ((mode & 0o077) === 0) return [ok("folder", `${dir}, mode ${text}`)]
  return [warning("folder", `${dir} has mode ${text}: others may look into it`, `chmod 700 ${dir}`)]
}
