/** Is the folder its owner's alone? */

import { statSync } from "node:fs"
import { ok, warning, type Finding } from "./finding.js"

export function checkFolder(dir: string): Finding[] {
  if (process.platform === "win32") return []
  const mode = statSync(dir).mode & 0o777
  const text = mode.toString(8).padStart(4, "0")
  if ((mode & 0o077) === 0) return [ok("folder", `${dir}, mode ${text}`)]
  return [warning("folder", `${dir} has mode ${text}: others may look into it`, `chmod 700 ${dir}`)]
}
