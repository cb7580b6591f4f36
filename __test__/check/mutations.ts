/** Changes to bundles. */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const isParent = (value: Json): value is Json[] | { [key: string]: Json } => typeof value === "object" && value !== null

/** The places of all values that have no values inside. */
function leavesOf(value: Json, place: string[] = []): string[][] {
  if (!isParent(value) || Object.keys(value).length === 0) return [place]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...place, key]))
}

/** Another value of the same form, as far as there is one. */
function altered(value: Json): Json {
  if (typeof value === "string") return `${value.startsWith("1") ? "2" : "1"}${value.slice(1)}`
  if (typeof value === "number") return value + 1
  if (typeof value === "boolean") return !value
  return value === null ? "x" : ["x"]
}

/** The bundle with one value changed, for every value in it. */
export function* everyLeafChanged(bundle: object): Generator<{ place: string; text: string }> {
  const original = JSON.stringify(bundle)
  for (const place of leavesOf(JSON.parse(original) as Json)) {
    const copy = JSON.parse(original) as Json
    const key = place.at(-1)!
    const parent = place.slice(0, -1).reduce((value, key) => (value as Record<string, Json>)[key]!, copy)
    const record = parent as Record<string, Json>
    record[key] = altered(record[key]!)
    yield { place: place.join("."), text: JSON.stringify(copy) }
  }
}
