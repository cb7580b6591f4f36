/** A reader of JSON that refuses duplicate keys and keeps the spelling of numbers. */

import { malformed } from "./failure.js"

/** A number as it is spelled. */
export class JsonNumber {
  constructor(readonly token: string) {}
}

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | Map<string, JsonValue>

/** Deeper than anything that is read here. */
const MAX_DEPTH = 128

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** Of a pair of surrogates, or of a character that is none. */
const UNICODE_ESCAPE = /u(?:[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F]|(?![dD][89a-fA-F])[\da-fA-F]{2})[\da-fA-F]{2}/y
const WORDS: readonly [string, JsonValue][] = [["null", null], ["true", true], ["false", false]]
/** All but what RFC 8259 calls unescaped: quotes, backslashes and control characters. */
const SPECIAL = /[^ !#-[\]-\uffff]/g
const SIMPLE_ESCAPES: Record<string, string> = {
  '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t",
}

/** Reads a text that is one JSON value (RFC 8259); every escaped surrogate must be one of a pair. */
export function readJson(text: string): JsonValue {
  // What UTF-8 makes of a lone surrogate.
  const reader = new Reader(text.replace(/\p{Surrogate}/gu, "\ufffd"))
  const value = reader.value(0)
  reader.end()
  return value
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): JsonValue {
    const first = this.#peek()
    if (depth > MAX_DEPTH) this.#fail("nested too deep")
    if (first === '"') return this.#string()
    if (first === "{") return this.#object(depth + 1)
    if (first === "[") return this.#array(depth + 1)
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    return new JsonNumber(this.#match(NUMBER))
  }

  end(): void {
    if (this.#peek() !== undefined) this.#fail("something after the value")
  }

  #object(depth: number): Map<string, JsonValue> {
    const entries = new Map<string, JsonValue>()
    this.#items("}", () => {
      if (this.#peek() !== '"') this.#fail("a key is expected")
      const key = this.#string()
      if (entries.has(key)) this.#fail(`the key ${JSON.stringify(key)} twice`)
      if (!this.#skip(":")) this.#fail("a colon is expected")
      entries.set(key, this.value(depth))
    })
    return entries
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = []
    this.#items("]", () => items.push(this.value(depth)))
    return items
  }

  /** Reads what stands between an opening bracket and `close`. */
  #items(close: string, item: () => void): void {
    this.#at++
    if (this.#skip(close)) return
    do item()
    while (this.#skip(","))
    if (!this.#skip(close)) this.#fail(`a comma or ${close} is expected`)
  }

  #string(): string {
    let read = ""
    for (;;) {
      const from = ++this.#at
      SPECIAL.lastIndex = from
      const char = SPECIAL.exec(this.#text)?.[0]
      this.#at = SPECIAL.lastIndex
      if (char !== '"' && char !== "\\") this.#fail("a string without end, or with a control character")
      read += this.#text.slice(from, this.#at - 1)
      if (char === '"') return read
      read += this.#escape()
    }
  }

  /** Reads what stands after a backslash, up to its last character. */
  #escape(): string {
    const char = this.#text[this.#at] ?? ""
    if (Object.hasOwn(SIMPLE_ESCAPES, char)) return SIMPLE_ESCAPES[char]!
    const digits = this.#match(UNICODE_ESCAPE)
    this.#at--
    return String.fromCharCode(...digits.slice(1).split(/\\u/).map((unit) => Number.parseInt(unit, 16)))
  }

  #match(sticky: RegExp): string {
    sticky.lastIndex = this.#at
    const token = sticky.exec(this.#text)?.[0]
    if (token === undefined) this.#fail("not JSON")
    this.#at += token.length
    return token
  }

  /** The next character that is no white space. */
  #peek(): string | undefined {
    while (" \n\r\t".includes(this.#text[this.#at] ?? "x")) this.#at++
    return this.#text[this.#at]
  }

  #skip(char: string): boolean {
    const found = this.#peek() === char
    if (found) this.#at++
    return found
  }

  // A declared type, so that the compiler knows that it does not return.
  #fail: (what: string) => never = (what) => {
    throw malformed(`${what}, at character ${this.#at}`)
  }
}
