/** What this user may do with a file. */

import { accessSync } from "node:fs"

const REFUSED = new Set(["EACCES", "EPERM", "EROFS"])

/** Asks the system; throws where it refuses. */
export type Access = (path: string, mode: number) => void

/** Whether nothing keeps this user from it; a file that is not there keeps nobody. */
export function permitted(path: string, mode: number, access: Access = accessSync): boolean {
  try {
    access(path, mode)
    return true
  } catch (error) {
    return !REFUSED.has((error as NodeJS.ErrnoException).code ?? "")
  }
}
