/** Does the clock fit what was recorded? */

import type { StoreFacts } from "../../engine/folder.js"
import { broken, ok, type Finding } from "./finding.js"

/** No store is older than this software. */
const EARLIEST = Date.UTC(2024, 0, 1)

export function checkClock(
  { newestRowUs, newestSealUs }: Pick<StoreFacts, "newestRowUs" | "newestSealUs">,
  now: number,
): Finding {
  const mend = "set the clock, or have it set (timedatectl set-ntp true): ages of evidence are measured with it"
  if (now < EARLIEST) return broken("clock", `it shows ${new Date(now).toISOString()}`, mend)
  const newest = Math.max(newestRowUs ?? 0, newestSealUs ?? 0) / 1000
  if (now < newest) {
    return broken(
      "clock",
      `it shows ${new Date(now).toISOString()}, before what was recorded last (${new Date(newest).toISOString()})`,
      mend,
    )
  }
  return ok("clock", new Date(now).toISOString())
}
