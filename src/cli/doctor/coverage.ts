/** Has a recorder been watching? */

import type { StoreFacts } from "../../engine/folder.js"
import { times } from "../terminal.js"
import { ok, warning, type Finding } from "./finding.js"

export function checkCoverage({ coverage, gaps }: Pick<StoreFacts, "coverage" | "gaps">): Finding[] {
  return [checkNewest(coverage), ...(gaps === 0 ? [] : [checkGaps(gaps)])]
}

function checkNewest(coverage: StoreFacts["coverage"]): Finding {
  if (!coverage)
    return warning(
      "coverage",
      "no recorder has watched yet",
      "start() with record.http before the agent's first request",
    )
  const [since, until] = [coverage.sinceUs, coverage.untilUs].map((us) => new Date(us / 1000).toISOString())
  return ok("coverage", `${coverage.channels.join(" and ")} watched from ${since} to ${until}`)
}

function checkGaps(gaps: number): Finding {
  return warning(
    "gaps",
    `exchanges were dropped in ${times(gaps, "stretch", "stretches")}`,
    "give the disk more room or speed; no claim that nothing happened is decided over a gap",
  )
}
