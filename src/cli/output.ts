/** Where a command's results go: stdout, as text for people or as one JSON document. */

import { safeJson } from "./escape.js"
import { styleFor, widthOf, type Style } from "./terminal.js"

/** What text is laid out for. */
export interface Page {
  width: number
  style: Style
}

/** The page that stdout is. */
export function page(): Page {
  return { width: widthOf(process.stdout), style: styleFor(process.stdout) }
}

/** Writes the value as JSON where that was asked for, else the text that is made for the page. */
export function write(json: boolean | undefined, value: unknown, text: (page: Page) => string): void {
  process.stdout.write(`${json ? safeJson(value) : text(page())}\n`)
}
