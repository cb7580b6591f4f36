/** What JSON values must look like: a reader for each type, and objects with exactly the known keys. */

import { parseBase64, parseDecimal, parseHash } from "./encoding.js"
import { malformed } from "./failure.js"
import { JsonNumber, type JsonValue } from "./json.js"

/** Makes a value of its type from JSON found at the place `at`, or throws. */
export type Reader<T> = (value: JsonValue, at: string) => T

type Shape = Record<string, Reader<unknown>>
type Read<S extends Shape> = { [K in keyof S]: ReturnType<S[K]> }

/** An object with all of the first keys and any of the second; what it reads has them in the order given here. */
export function object<R extends Shape, O extends Shape = Record<never, never>>(
  required: R,
  optional?: O,
): Reader<Read<R> & Partial<Read<O>>> {
  const readers = Object.entries({ ...required, ...optional })
  return (value, at) => {
    if (!(value instanceof Map)) throw malformed(`${at} is not an object`)
    const read: Record<string, unknown> = {}
    let found = 0
    for (const [key, reader] of readers) {
      const entry = value.get(key)
      if (entry === undefined) {
        if (key in required) throw malformed(`${at} has no ${key}`)
        continue
      }
      found++
      read[key] = reader(entry, `${at}.${key}`)
    }
    if (found < value.size) throw malformed(`${at} has an unknown key`)
    return read as Read<R> & Partial<Read<O>>
  }
}

export const list =
  <T>(item: Reader<T>): Reader<T[]> =>
  (value, at) => {
    if (!Array.isArray(value)) throw malformed(`${at} is not an array`)
    return value.map((one, place) => item(one, `${at}[${place}]`))
  }

export const nullable =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value, at) =>
    value === null ? null : reader(value, at)

export const text: Reader<string> = (value, at) => {
  if (typeof value !== "string") throw malformed(`${at} is not a string`)
  return value
}

export const truth: Reader<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw malformed(`${at} is neither true nor false`)
  return value
}

/** An integer from 0, without fraction or exponent. */
export const integer =
  (max: number): Reader<number> =>
  (value, at) => {
    const number = value instanceof JsonNumber && /^\d+$/.test(value.token) ? Number(value.token) : Number.NaN
    if (!(number <= max)) throw malformed(`${at} is not an integer from 0 to ${max}`)
    return number
  }

export const one: Reader<1> = (value, at) => {
  if (integer(Number.MAX_SAFE_INTEGER)(value, at) !== 1) throw malformed(`${at} is not 1`)
  return 1
}

/** One of these words. */
export const word =
  <T extends string>(...words: readonly T[]): Reader<T> =>
  (value, at) => {
    if (!words.includes(value as T)) throw malformed(`${at} is not one of ${words.join(", ")}`)
    return value as T
  }

/** A string for which `test` holds. */
export const textThat =
  (is: string, test: (text: string) => boolean): Reader<string> =>
  (value, at) => {
    const read = text(value, at)
    if (!test(read)) throw malformed(`${at} is not ${is}`)
    return read
  }

const parsed =
  <T>(is: string, parse: (text: string) => T | null): Reader<T> =>
  (value, at) => {
    const read = parse(text(value, at))
    if (read === null) throw malformed(`${at} is not ${is}`)
    return read
  }

export const decimal = parsed("a canonical decimal below 2^64", parseDecimal)
export const bytes = parsed("canonical base64", parseBase64)
export const hash = parsed("32 bytes of canonical base64", parseHash)
