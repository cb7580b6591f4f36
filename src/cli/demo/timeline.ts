/** What happened when, drawn to scale. */

import { fit, milliseconds, type Style } from "../terminal.js"

/** Something that took time; times are of `performance.now()`. */
export interface Span {
  lane: string
  label: string
  from: number
  to: number
}

/** Moments in a lane of their own. */
export interface Marks {
  lane: string
  label: string
  at: readonly number[]
}

const INDENT = "  "
const LANE = 11
const LABEL = 14
const TIME = 9
const BAR = 40

/** The rows of a timeline from `from` to `to`, under a scale; spans as bars, marks as diamonds. */
export function drawTimeline(rows: readonly (Span | Marks)[], from: number, to: number, style: Style): string {
  const column = (time: number): number => Math.floor(((time - from) / (to - from)) * BAR)
  const scale = `0${milliseconds(to - from).padStart(BAR - 1)}`
  const lines = [`${INDENT}${" ".repeat(LANE + LABEL + TIME)}  ${style.dim(scale)}`]
  for (const row of rows) {
    const isSpan = "from" in row
    const time = isSpan ? milliseconds(row.to - row.from) : ""
    const drawn = isSpan ? bar(column(row.from), column(row.to)) : diamonds(row.at.map(column))
    const painted = isSpan ? style.accent(drawn) : style.good(drawn)
    lines.push(`${INDENT}${fit(row.lane, LANE)}${fit(row.label, LABEL)}${fit(time, TIME, "right")}  ${painted}`.trimEnd())
  }
  return lines.join("\n")
}

/** At least one column, so that the shortest span is seen. */
function bar(first: number, end: number): string {
  const start = Math.min(first, BAR - 1)
  return " ".repeat(start) + "█".repeat(Math.max(1, end - start))
}

function diamonds(columns: readonly number[]): string {
  const lane = Array.from({ length: BAR }, () => " ")
  for (const column of columns) lane[Math.min(column, BAR - 1)] = "◆"
  return lane.join("")
}
