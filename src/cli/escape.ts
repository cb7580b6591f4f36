/** What was recorded may hold anything; nothing of it may move the cursor, change colours or turn a line around. */

/** Controls, invisible format characters (bidi overrides among them), line separators, halves of pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

/** A text on one line, in which what a terminal would act on is written as an escape. */
export function safe(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? escaped(character))
}

/** The lines of a text, each of them safe. */
export function safeLines(text: string): string[] {
  return text.split(/\r?\n/).map(safe)
}

/** JSON in two columns' indent that is safe to print and still the same JSON. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value, null, 2)
  return json.replace(UNSAFE, (character) => {
    if (character === "\n") return character
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    return units.map((unit) => `\\u${hex(unit)}`).join("")
  })
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!
  return code > 0xff_ff ? `\\u{${code.toString(16)}}` : `\\u${hex(code)}`
}

function hex(code: number): string {
  return code.toString(16).padStart(4, "0")
}
