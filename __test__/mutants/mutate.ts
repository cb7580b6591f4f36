/** Random changes to payloads: of single values, of whole parts, with parts of other valid payloads, and of the text. */

import { edits, type Json } from "../conformance/mutations.js"

type Random = (below: number) => number
type Parent = Record<string, Json>

export interface Mutant {
  text: string
  /** What was done, step by step. */
  steps: string[]
  /** Whether parts were taken out and nothing else was done. */
  isLess: boolean
}

/** A change in place; says what it did, or null where it found nothing to do. */
type Change = (payload: Parent, random: Random, donor: () => Parent) => string | null

interface Place {
  parent: Parent
  key: string
  path: string
}

const pick = <T>(items: readonly T[], random: Random): T => items[random(items.length)]!
const isParent = (value: Json | undefined): value is Json[] | Parent => typeof value === "object" && value !== null

/** A walk from the top: every key of a level is as likely, so that what is shallow is met more often. */
function walk(payload: Parent, random: Random): Place {
  let place: Place = { parent: payload, key: pick(Object.keys(payload), random), path: "" }
  place.path = place.key
  for (;;) {
    const value = place.parent[place.key]
    const keys = isParent(value) ? Object.keys(value) : []
    if (keys.length === 0 || random(6) === 0) return place
    const key = pick(keys, random)
    place = { parent: value as Parent, key, path: `${place.path}.${key}` }
  }
}

/** Every place below. */
function* below(value: Json, path = ""): Generator<Place> {
  if (!isParent(value)) return
  for (const key of Object.keys(value)) {
    const at = path === "" ? key : `${path}.${key}`
    yield { parent: value as Parent, key, path: at }
    yield* below((value as Parent)[key]!, at)
  }
}

/** A place at random, every one as likely or the shallow ones rather. */
const anywhere = (payload: Parent, random: Random): Place =>
  random(2) === 0 ? walk(payload, random) : pick([...below(payload)], random)

/** Places of the same meaning: members of lists and of what goes by id have the name of what holds them. */
function kind(path: string): string {
  const keys = path.split(".")
  const last = keys.at(-1)!
  return /^(\d+|[0-9a-f-]{36})$/.test(last) ? `${keys.at(-2)}.*` : last
}

function alike(payload: Parent, of: string): Place[] {
  return [...below(payload)].filter(({ path }) => kind(path) === of)
}

const proofs = (payload: Parent): Parent => (isParent(payload["proofs"]) ? payload["proofs"] : {}) as Parent

/** The parts of a bundle, of a payload, and what selects a proof: exchanged more often than anything else. */
const PARTS = ["query", "rows", "rows.*", "row", "fields", "response", "proof", "index", "map", "scan", "proofs.*", "value", "path", "query_id", "circumstances.*", "claims.*", "claim", "run_id", "agent_id", "callRef", "action", "rowId"]

const CHANGES: Change[] = [
  function edit(payload, random) {
    const { parent, key, path } = anywhere(payload, random)
    const [how, change] = pick(edits(parent[key]!, random), random)
    parent[key] = change(parent[key]!)
    return `${path}: ${how}`
  },
  function otherPlace(payload, random) {
    const [one, two] = [anywhere(payload, random), anywhere(payload, random)]
    one.parent[one.key] = structuredClone(two.parent[two.key]!)
    return `${one.path}: as ${two.path}`
  },
  // The same part of another claim, bundle or payload.
  function otherPart(payload, random, donor) {
    const part = pick(PARTS, random)
    const ours = alike(payload, part)
    const theirs = alike(random(3) === 0 ? payload : donor(), part)
    if (ours.length === 0 || theirs.length === 0) return null
    const [one, two] = [pick(ours, random), pick(theirs, random)]
    one.parent[one.key] = structuredClone(two.parent[two.key]!)
    return `${one.path}: their ${two.path}`
  },
  function exchanged(payload, random) {
    const part = pick(PARTS, random)
    const all = alike(payload, part)
    if (all.length < 2) return null
    const [one, two] = [pick(all, random), pick(all, random)]
    const kept = one.parent[one.key]!
    one.parent[one.key] = structuredClone(two.parent[two.key]!)
    two.parent[two.key] = structuredClone(kept)
    return `${one.path} and ${two.path} exchanged`
  },
  // A part where there was none.
  function added(payload, random, donor) {
    const part = pick(["map", "scan", "other", "response", "response_headers", "url", "checkpoint", "seal"], random)
    const theirs = alike(random(2) === 0 ? payload : donor(), part)
    if (theirs.length === 0) return null
    const holder = part === "other" ? "map" : ["map", "scan", "checkpoint", "seal"].includes(part) ? "proofs.*" : "fields"
    const ours = alike(payload, holder).filter(({ parent, key }) => isParent(parent[key]))
    if (ours.length === 0) return null
    const [one, two] = [pick(ours, random), pick(theirs, random)]
    ;(one.parent[one.key] as Parent)[part] = structuredClone(two.parent[two.key]!)
    return `${one.path}: with their ${two.path}`
  },
  // Another checkpoint, its seal with it or not.
  function otherCheckpoint(payload, random, donor) {
    const theirs = donor()
    const keys = pick([["checkpoint"], ["seal"], ["checkpoint", "seal"], ["checkpoint", "seal", "proofs"], ["checkpoint", "seal", "proofs", "claims", "circumstances"], ["proofs"], ["proofs", "claims"]], random)
    for (const key of keys) payload[key] = structuredClone(theirs[key]!)
    return `their ${keys.join(", ")}`
  },
  // Their proofs beside ours, so that what is asked may be answered by either.
  function both(payload, random, donor) {
    const theirs = structuredClone(proofs(donor()))
    payload["proofs"] = random(2) === 0 ? { ...theirs, ...proofs(payload) } : { ...proofs(payload), ...theirs }
    return "their proofs too"
  },
  function circumstances(payload, random) {
    const all = alike(payload, "circumstances.*").filter(({ parent, key }) => isParent(parent[key]))
    if (all.length === 0) return null
    const { parent, key, path } = pick(all, random)
    const change = pick<Parent>([{ watched: false }, { watched: true }, { open: true }, { open: false }, { older_us: 1 }], random)
    Object.assign(parent[key] as Parent, change)
    return `${path}: ${JSON.stringify(change)}`
  },
  function asked(payload, random) {
    const change = pick<Parent>([{ run_id: "r1" }, { run_id: "r2" }, { agent_id: "other" }, { agent_id: "nobody" }, { agent_id: "_default" }, { agent_id: null }], random)
    Object.assign(payload, change)
    return JSON.stringify(change)
  },
  function list(payload, random) {
    const lists = [...below(payload)].filter(({ parent, key }) => Array.isArray(parent[key]) && (parent[key] as Json[]).length > 0)
    if (lists.length === 0) return null
    const { parent, key, path } = pick(lists, random)
    const items = parent[key] as Json[]
    const at = random(items.length)
    const how = pick(["twice", "moved", "cut"], random)
    if (how === "twice") items.splice(random(items.length + 1), 0, structuredClone(items[at]!))
    else if (how === "moved") items.splice(random(items.length), 0, ...items.splice(at, 1))
    else items.splice(at)
    return `${path}: ${at} ${how}`
  },
  less,
]

/** What a part that can be taken out is a member of; the insides of proofs and of rows are no such parts. */
const WHOLES = /^[a-z_]+$|^(claims|query_ids|build_errors)\.\d+$|^claims\.\d+\.\w+$|^proofs\.[^.]+$|^proofs\.[^.]+\.(rows\.\d+|map|scan|rows|query|v)$|^proofs\.[^.]+\.rows\.\d+\.(fields|fields\.\w+)$|^proofs\.[^.]+\.map\.\w+$|^circumstances\.[^.]+(\.\w+)?$|^(seal|consistency|coverage)\.\w+$/

/** Takes a part out. */
function less(payload: Parent, random: Random): string | null {
  const all = [...below(payload)].filter(({ path }) => WHOLES.test(path))
  if (all.length === 0) return null
  const kinds = [...new Set(all.map(({ path }) => kind(path)))]
  const wanted = pick(kinds, random)
  const { parent, key, path } = pick(all.filter(({ path }) => kind(path) === wanted), random)
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete parent[key]
  return `${path}: taken out`
}

/** Changes of the text, one character or a stretch. */
function garbled(text: string, random: Random): [string, string] {
  const at = random(text.length)
  const char = pick([..."0A1=\"{}[],:n-\\ \0é"], random)
  const stretch = random(40)
  const all: [string, string][] = [
    [`${JSON.stringify(char)} at ${at}`, text.slice(0, at) + char + text.slice(at + 1)],
    [`${JSON.stringify(char)} before ${at}`, text.slice(0, at) + char + text.slice(at)],
    [`nothing at ${at}`, text.slice(0, at) + text.slice(at + 1)],
    [`${stretch} out at ${at}`, text.slice(0, at) + text.slice(at + stretch)],
    [`${stretch} twice at ${at}`, text.slice(0, at + stretch) + text.slice(at)],
    [`cut at ${at}`, text.slice(0, at)],
  ]
  return pick(all, random)
}

/** The payload's text with one to four changes, the same for the same numbers; `donors` are other payloads. */
export function mutant(original: string, donors: readonly unknown[], random: Random): Mutant {
  if (random(8) === 0) {
    const [what, text] = garbled(original, random)
    return { text, steps: [what], isLess: false }
  }
  const payload = JSON.parse(original) as Parent
  const donor = (): Parent => pick(donors, random) as Parent
  const isLess = random(4) === 0
  const steps: string[] = []
  for (let more = pick([1, 1, 1, 2, 3, 4], random); more > 0 && Object.keys(payload).length > 0; more--) {
    const what = (isLess ? less : pick(CHANGES, random))(payload, random, donor)
    if (what !== null) steps.push(what)
  }
  let text = JSON.stringify(payload)
  if (!isLess && random(20) === 0) {
    const [what, changed] = garbled(text, random)
    steps.push(what)
    text = changed
  }
  return { text, steps, isLess }
}
