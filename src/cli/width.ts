/** How many columns of a terminal a text takes. */

/** Unicode's East Asian Wide and Fullwidth, as far as terminals agree on them, and emoji. */
const WIDE =
  /[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\u3247\u3250-\uA4C6\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{1F200}-\u{1F251}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u
/** Marks that stand on the character before; the selector that makes an emoji of it makes it wide. */
const MARK = /[\p{Mn}\p{Me}]/u
const EMOJI_SELECTOR = "\uFE0F"
const ASCII = /^[ -~]*$/

/** The columns of a text without control characters. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let columns = 0
  for (const character of text) columns += columnsOfOne(character)
  return columns
}

/** The longest beginning of a text that fits into this many columns. */
export function take(text: string, columns: number): string {
  if (ASCII.test(text)) return text.slice(0, columns)
  let end = 0
  let used = 0
  for (const character of text) {
    used += columnsOfOne(character)
    if (used > columns) break
    end += character.length
  }
  return text.slice(0, end)
}

function columnsOfOne(character: string): number {
  if (WIDE.test(character)) return 2
  return MARK.test(character) && character !== EMOJI_SELECTOR ? 0 : 1
}
