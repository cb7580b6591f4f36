/** Random changes to a bundle's text: of its structure, of single spellings, and of anything at all. */

import { randomly } from "../conformance/mutations.js"

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Random = (below: number) => number
type Change = (text: string, random: Random, other: string) => string

const pick = <T>(items: readonly T[], random: Random): T => items[random(items.length)]!

/** Replaces one of the places that match, chosen at random. */
function replaced(text: string, place: RegExp, random: Random, by: (found: string) => string): string {
  const found = [...text.matchAll(place)]
  if (found.length === 0) return text
  const { index, 0: old } = pick(found, random)
  return text.slice(0, index) + by(old) + text.slice(index + old.length)
}

const NUMBER = /(?<=[:,[])-?\d+(?=[,\]}])/g
const VALUE = /(?<=[:,[])(?:"(?:[^"\\]|\\.)*"|-?\d+|null|true|false)(?=[,\]}])/g
const KEY = /"\w+"(?=:)/g
const BASE64 = /(?<=[:,[]")[A-Za-z0-9+/]{8,}={0,2}(?=")/g
const LETTER = /(?<=")[a-zA-Z]/g

const NUMBERS = ["1e0", "1.0", "-0", "-1", "01", "+1", "0x1", "1E400", "1e-400", "18446744073709551616", "256", "0", "1"]
const CHARS = ["\0", "\ud800", "\udc00", "\ufeff", "\ufffd", "\u2028", "\u007f", "\\", '"', "é", "\u{1f600}", "\n", "0", "=", "/", "{", "]", ","]
const ESCAPES = ["\\ud800", "\\udc00", "\\ud83d\\ude00", "\\ud83d\\n", "\\u0000", "\\u00", "\\x", "\\/", "\\U0041", "\\u{41}"]
const WORDS = ["null", "true", "[]", "{}", '""', "0", '"0"', "nul", "NaN", "[null]", '{"a":1,"a":1}']

/** A character as one of its escapes. */
function escaped(char: string, random: Random): string {
  const digits = char.charCodeAt(0).toString(16).padStart(4, "0")
  return `\\u${random(2) === 0 ? digits : digits.toUpperCase()}`
}

const TEXTUAL: Change[] = [
  (text, random) => replaced(text, NUMBER, random, () => pick(NUMBERS, random)),
  (text, random) => replaced(text, VALUE, random, () => pick(WORDS, random)),
  (text, random) => replaced(text, VALUE, random, (old) => `{${old}:null}`),
  (text, random) => replaced(text, VALUE, random, (old) => `[${old}]`),
  (text, random) => replaced(text, KEY, random, (old) => `${old}:${pick(WORDS, random)},${old}`),
  (text, random) => replaced(text, KEY, random, (old) => `"\\u00${old.charCodeAt(1).toString(16)}${old.slice(2)}`),
  (text, random) => replaced(text, LETTER, random, (old) => escaped(old, random)),
  (text, random) => replaced(text, LETTER, random, () => pick(ESCAPES, random)),
  (text, random) => replaced(text, LETTER, random, () => pick(CHARS, random)),
  (text, random) => replaced(text, /[,:{}[\]]/g, random, (old) => pick([" ", "\t", "\r\n", "\u00a0", "\f", "\0"], random) + old),
  (text, random) => replaced(text, /[,:{}[\]]/g, random, () => pick([",", ":", "{", "}", "[", "]", ""], random)),
  (text, random) => replaced(text, BASE64, random, (old) => pick([`${old}=`, old.replace(/=+$/, ""), `${old}AAAA`, old.slice(4), `${old}\\n`, old.replace("A", "-"), old.replaceAll("/", "_"), ""], random)),
  (text, random) => replaced(text, BASE64, random, (old) => lastCharChanged(old, random)),
  (text, random) => replaced(text, /(?<=")\d+(?=")/g, random, (old) => pick([`0${old}`, `+${old}`, `-${old}`, "18446744073709551615", "18446744073709551616", `${old}.0`, ` ${old}`, String(BigInt(old) + 1n), "", "٣"], random)),
  (text, random) => {
    const depth = pick([1, 126, 127, 128, 129, 5000], random)
    return replaced(text, VALUE, random, (old) => "[".repeat(depth) + old + "]".repeat(depth))
  },
  (text, random) => {
    const at = random(text.length)
    return text.slice(0, at) + pick(CHARS, random) + text.slice(at + random(2))
  },
  (text, random) => {
    const at = random(text.length)
    return text.slice(0, at) + text.slice(at + random(40))
  },
  (text, random) => {
    const at = random(text.length)
    return text.slice(0, at + random(40)) + text.slice(at)
  },
  (text, random) => text.slice(0, random(text.length)),
  (text, random) => text + pick([" ", "\n", "\0", "x", ",", "{}", "\ufeff", "null"], random),
  (text, random) => pick(["\ufeff", " ", "\0", "\u00a0", "[", "\n\t"], random) + text,
]

function lastCharChanged(base64: string, random: Random): string {
  const end = base64.replace(/=+$/, "").length
  return `${base64.slice(0, end - 1)}${pick([..."ABCEIQZghw059+/"], random)}${base64.slice(end)}`
}

const isParent = (value: Json | undefined): value is Json[] | { [key: string]: Json } =>
  typeof value === "object" && value !== null

/** All arrays and objects of a value. */
function parents(value: Json): (Record<string, Json> | Json[])[] {
  return isParent(value) ? [value, ...Object.values(value).flatMap(parents)] : []
}

function place(value: Json, random: Random): { parent: Record<string, Json>; key: string } {
  const parent = pick(parents(value).filter((one) => Object.keys(one).length > 0), random) as Record<string, Json>
  return { parent, key: pick(Object.keys(parent), random) }
}

const shuffled = (value: Json, random: Random): Json => {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random))
  if (!isParent(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => ({ key, inner, order: random(1000) }))
  return Object.fromEntries(
    entries.toSorted((a, b) => a.order - b.order).map(({ key, inner }) => [key, shuffled(inner, random)]),
  )
}

/** Changes of the structure; `other` is another bundle. */
const STRUCTURAL: ((value: Json, random: Random, other: Json) => Json)[] = [
  shuffled,
  (value, random) => {
    const { parent, key } = place(value, random)
    if (Array.isArray(parent)) parent.splice(Number(key), 1)
    else delete parent[key]
    return value
  },
  (value, random) => {
    const [one, two] = [place(value, random), place(value, random)]
    const kept = structuredClone(one.parent[one.key]!)
    one.parent[one.key] = structuredClone(two.parent[two.key]!)
    two.parent[two.key] = kept
    return value
  },
  (value, random) => {
    const lists = parents(value).filter((one) => Array.isArray(one) && one.length > 0) as Json[][]
    if (lists.length === 0) return value
    const list = pick(lists, random)
    list.splice(random(list.length + 1), 0, structuredClone(pick(list, random)))
    return value
  },
  (value, random) => {
    const lists = parents(value).filter((one) => Array.isArray(one)) as Json[][]
    if (lists.length > 0) pick(lists, random).reverse()
    return value
  },
  // The same part of another bundle.
  (value, random, other) => {
    const keys = Object.keys(other as object).filter((key) => key !== "v")
    const key = pick(keys, random)
    const [ours, theirs] = [value as Record<string, Json>, other as Record<string, Json>]
    ours[key] = theirs[key]!
    return value
  },
  (value, random, other) => {
    const [ours, theirs] = [value, other].map((one) => (one as { rows: Record<string, Json>[] }).rows)
    const [mine, yours] = [ours!, theirs!].map((rows) => (rows.length === 0 ? undefined : pick(rows, random)))
    if (!mine || !yours) return value
    const key = pick(Object.keys(mine), random)
    mine[key] = yours[key]!
    return value
  },
]

const structurally =
  (change: (value: Json, random: Random, other: Json) => Json): Change =>
  (text, random, other) =>
    JSON.stringify(change(JSON.parse(text) as Json, random, JSON.parse(other) as Json))

/** One of the bundles with one to three changes, the same for the same seed; a structural one comes first. */
export function mutated(bundles: readonly string[], seed: number): string {
  const random = randomly(seed)
  let text = pick(bundles, random)
  if (random(3) === 0) text = structurally(pick(STRUCTURAL, random))(text, random, pick(bundles, random))
  else text = pick(TEXTUAL, random)(text, random, text)
  for (let more = random(3) - 1; more > 0; more--) text = pick(TEXTUAL, random)(text, random, text)
  return text
}
