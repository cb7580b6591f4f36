/** Plain terminal output: colour where it is wanted, columns, lines that fit. */

import { columnsOf, take } from "./width.js"

/** The width of what is laid out for a page rather than for the terminal at hand, and where no terminal says its own. */
export const WIDTH = 80
/** Narrower terminals are treated as if they had this. */
const NARROWEST = 30

/** How text is made to stand out; each gives the text back as it is where colour is not wanted. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
  accent(text: string): string
}

const PLAIN = (text: string): string => text
const sgr = (code: number, end: number) => (text: string) => `\u001B[${code}m${text}\u001B[${end}m`

/** Colour for this stream; a terminal's own depth honours NO_COLOR and TERM. */
export function styleFor(stream: Pick<NodeJS.WriteStream, "isTTY" | "hasColors">): Style {
  if (!stream.isTTY || !stream.hasColors()) return { bold: PLAIN, dim: PLAIN, good: PLAIN, bad: PLAIN, accent: PLAIN }
  return { bold: sgr(1, 22), dim: sgr(2, 22), good: sgr(32, 39), bad: sgr(31, 39), accent: sgr(36, 39) }
}

/** The width to print for: the terminal's; elsewhere COLUMNS where it is set, else 80. */
export function widthOf(stream: Pick<NodeJS.WriteStream, "columns">, env: NodeJS.ProcessEnv = process.env): number {
  const columns = stream.columns || Number(env["COLUMNS"]) || WIDTH
  return Math.max(NARROWEST, Math.floor(columns))
}

/** The text in exactly this many columns, cut with an ellipsis where it is longer. */
export function fit(text: string, columns: number, align: "left" | "right" = "left"): string {
  const used = columnsOf(text)
  const cut = used > columns ? `${take(text, columns - 1)}…` : text
  const padding = " ".repeat(Math.max(0, columns - columnsOf(cut)))
  return align === "left" ? cut + padding : padding + cut
}

/** The text in lines of at most WIDTH columns, each behind the indent; words longer than a line stand alone. */
export function wrap(text: string, indent: string): string {
  return words(text.split(/\s+/), indent, WIDTH)
}

/** The same for any width, with words broken that are longer than a line. */
export function fold(text: string, indent: string, width: number): string {
  const room = Math.max(1, width - indent.length)
  const pieces = text.split(/\s+/).flatMap((word) => chop(word, room))
  return words(pieces, indent, width)
}

function words(all: readonly string[], indent: string, width: number): string {
  const lines: string[] = []
  for (const word of all) {
    const last = lines.at(-1)
    if (last !== undefined && indent.length + columnsOf(last) + 1 + columnsOf(word) <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines.map((line) => indent + line).join("\n")
}

/** The text in pieces of at most this many columns, all of it, spaces too. */
export function chop(text: string, columns: number): string[] {
  const pieces: string[] = []
  let rest = text
  while (columnsOf(rest) > columns) {
    const piece = take(rest, Math.max(columns, 2))
    pieces.push(piece)
    rest = rest.slice(piece.length)
  }
  return [...pieces, rest]
}

/** A heading as wide as the page. */
export function heading(text: string): string {
  return `── ${text} `.padEnd(WIDTH, "─")
}

/** Milliseconds as a person reads them, of at most 8 columns. */
export function milliseconds(ms: number): string {
  return `${ms < 1 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const

/** Bytes as a person reads them. */
export function bytes(count: number): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10))
  return unit === 0 ? `${count} bytes` : `${(count / 1024 ** unit).toFixed(1)} ${UNITS[unit]}`
}

/** A count and what is counted. */
export function times(count: number, what: string, several = `${what}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? what : several}`
}
