/** Is there room for what comes? */

import { statfsSync } from "node:fs"
import { bytes } from "../terminal.js"
import { ok, warning, type Finding } from "./finding.js"

const LEAST_BYTES = 1024 ** 3
const LEAST_SHARE = 0.05

export function checkDisk(
  dir: string,
  statfs: (path: string) => { bavail: number; blocks: number; bsize: number } = statfsSync,
): Finding {
  const { bavail, blocks, bsize } = statfs(dir)
  const free = bavail * bsize
  const share = blocks > 0 ? bavail / blocks : 1
  const message = `${bytes(free)} free (${Math.floor(share * 100)} %)`
  if (free >= LEAST_BYTES && share >= LEAST_SHARE) return ok("disk", message)
  return warning(
    "disk",
    message,
    "make room, or delete bodies with `vouchsafe prune --days N`: on a full disk nothing is recorded",
  )
}
