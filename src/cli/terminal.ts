/** Plain terminal output: colour where it is wanted, columns, a width of at most 80. */

/** The widest line that is printed. */
export const WIDTH = 80

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

/** The text in exactly this many columns, cut with an ellipsis where it is longer. */
export function fit(text: string, columns: number, align: "left" | "right" = "left"): string {
  const cut = text.length > columns ? `${text.slice(0, columns - 1)}…` : text
  return align === "left" ? cut.padEnd(columns) : cut.padStart(columns)
}

/** The text in lines of at most WIDTH columns, each behind the indent; words longer than a line stand alone. */
export function wrap(text: string, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && indent.length + last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => indent + line).join("\n")
}

/** A heading as wide as the page. */
export function heading(text: string): string {
  return `── ${text} `.padEnd(WIDTH, "─")
}

/** Milliseconds as a person reads them, of at most 8 columns. */
export function milliseconds(ms: number): string {
  return `${ms < 1 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`
}
