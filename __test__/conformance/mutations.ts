/** Edits of a JSON value, one at a time, at every place that it has. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A small generator of the same numbers every time (mulberry32), so that a failure can be repeated. */
export function randomly(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return ((word ^ (word >>> 14)) >>> 0) % below
  }
}

export interface Mutation {
  /** Where and what: `claims.0.query_id: deleted`. */
  readonly what: string
  readonly value: unknown
}

/** Every edit of every place; each is made on a copy. */
export function* mutations(value: unknown, random: (below: number) => number): Generator<Mutation> {
  const places = [...paths(value as Json)]
  for (const path of places) {
    const old = path.reduce<Json>((at, key) => (at as Record<string, Json>)[key]!, value as Json)
    for (const [how, edit] of edits(old, random)) {
      yield { what: `${path.join(".")}: ${how}`, value: edited(value, path, edit) }
    }
    const other = places[random(places.length)]!
    const theirs = other.reduce<Json>((at, key) => (at as Record<string, Json>)[key]!, value as Json)
    yield { what: `${path.join(".")}: as ${other.join(".")}`, value: edited(value, path, () => structuredClone(theirs)) }
    yield { what: `${path.join(".")}: deleted`, value: edited(value, path, null) }
  }
}

function* paths(value: Json, at: string[] = []): Generator<string[]> {
  if (at.length > 0) yield at
  if (typeof value !== "object" || value === null) return
  for (const [key, member] of Object.entries(value)) yield* paths(member, [...at, key])
}

export type Edit = (old: Json) => Json

/** How a value can be edited, by itself. */
export function edits(old: Json, random: (below: number) => number): [string, Edit][] {
  const all: [string, Edit][] = [
    ["null", () => null],
    ["empty text", () => ""],
    ["a list around it", (value) => [value]],
  ]
  if (typeof old === "string") all.push(...textEdits(old, random))
  else if (typeof old === "number") all.push(["one more", (value) => Number(value) + 1], ["as text", String])
  else if (typeof old === "boolean") all.push(["the opposite", (value) => !value])
  else if (Array.isArray(old)) {
    all.push(
      ["empty", () => []],
      ["twice", (value) => [...(value as Json[]), ...(value as Json[])]],
      ["backwards", (value) => (value as Json[]).toReversed()],
    )
  } else if (old !== null) all.push(["one more key", (value) => ({ ...(value as object), extra: 1 })], ["empty", () => ({})])
  else all.push(["a text", () => "text"], ["true", () => true])
  return all
}

function textEdits(text: string, random: (below: number) => number): [string, Edit][] {
  const at = random(Math.max(text.length, 1))
  const all: [string, Edit][] = [
    [`another character at ${at}`, () => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1)],
    ["upper case", () => text.toUpperCase()],
    ["longer", () => `${text}A`],
    ["shorter", () => text.slice(0, -1)],
  ]
  if (/^\d+$/.test(text)) {
    all.push(["one more", () => String(BigInt(text) + 1n)], ["zero", () => "0"], ["most", () => String(2n ** 64n - 1n)])
  }
  const bytes = Buffer.from(text, "base64")
  if (bytes.length > 8 && bytes.toString("base64") === text) {
    for (let i = 0; i < 4; i++) {
      const bit = random(bytes.length * 8)
      all.push([`bit ${bit}`, () => flipped(bytes, bit)])
    }
  }
  return all
}

function flipped(bytes: Buffer, bit: number): string {
  const copy = Buffer.from(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy.toString("base64")
}

/** A copy with the place edited, or without it. */
function edited(value: unknown, path: string[], edit: Edit | null): unknown {
  const copy = structuredClone(value) as Record<string, Json>
  const holder = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, Json>, copy)
  const last = path.at(-1)!
  if (edit) holder[last] = edit(holder[last]!)
  else if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else delete holder[last]
  return copy
}
