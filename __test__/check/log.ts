/** A signed log with rows, seals and maps, and bundles of every query and form; its signer can be made to lie. */

import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto"
import type { CanonicalRow } from "../../src/check/index.js"
import { frontierOf, inclusionProof, KeyMap, rootOf, sha256, tag, u64be } from "./tree.js"

type FieldName = "response" | "request" | "request_headers" | "response_headers" | "url"
const FIELDS: readonly FieldName[] = ["response", "request", "request_headers", "response_headers", "url"]

export type Query =
  | { row: string }
  | { call: string }
  | { toolCall: string }
  | { action: string; agent: string; run: string | null }
  | { agent: string; run: string | null }

/** A bundle as it stands in JSON. */
export interface Bundle {
  v: number
  query: Query
  checkpoint?: string
  rows: {
    index: string
    row_seq: string
    time_us: string
    row: CanonicalRow
    fields: Partial<Record<FieldName, { bytes: string; key: string }>>
    proof: string[]
  }[]
  seal?: { index: string; leaf: string; proof: string[] }
  map?: { value: string | null; path: [number, string][]; other?: { k: string; v: string } }
  scan?: { frontier: string[]; leaves: string[] }
}

/** What a row is made of: its columns, where they are not the usual ones, and the texts of its fields. */
export interface RowInput extends Partial<CanonicalRow> {
  fields?: Partial<Record<FieldName, string | Uint8Array>>
}

interface Logged {
  index: number
  rowSeq: number
  timeUs: number
  row: CanonicalRow
  fields: Partial<Record<FieldName, { bytes: Buffer; key: Buffer }>>
}

/** Values of the map by their keys in hex; a signer who lies changes them. */
export type MapValues = Map<string, Buffer>

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

export const uuid = (number: number): string => `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`

/** `u64be count ‖ u64be last_index ‖ root over the indices`. */
export const mapValue = (indices: readonly number[]): Buffer =>
  Buffer.concat([u64be(indices.length), u64be(indices.at(-1) ?? 0), rootOf(indices.map(u64be))])

export const isIndexed = ({ kind }: CanonicalRow): boolean => kind === "http" || kind === "tool"

/** The map's keys of a row, in hex. */
function keysOf(row: CanonicalRow): string[] {
  if (!isIndexed(row)) return []
  const run = row.run_id ?? ""
  const keys = [tag("action", run, row.agent_id, row.action_name), tag("agent", run, row.agent_id)]
  if (row.call_ref !== null) keys.push(tag("call", row.call_ref))
  if (row.tool_call_id !== null) keys.push(tag("toolcall", row.tool_call_id))
  return keys.map((key) => key.toString("hex"))
}

/** The map's key of a query. */
export function keyOf(query: Query): Buffer {
  if ("call" in query) return tag("call", query.call)
  if ("toolCall" in query) return tag("toolcall", query.toolCall)
  if ("action" in query) return tag("action", query.run ?? "", query.agent, query.action)
  if ("agent" in query) return tag("agent", query.run ?? "", query.agent)
  throw new Error("a query by row id has no key")
}

function selects(query: Query, row: CanonicalRow): boolean {
  return "row" in query ? row.id === query.row : keysOf(row).includes(keyOf(query).toString("hex"))
}

/** Ed25519 private keys of 32 chosen bytes: PKCS #8 before them (RFC 8410). */
function privateKey(seed: number): KeyObject {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, seed)])
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" })
}

/** `<name>+<8 hex>+base64(type ‖ public key)`. */
export function vkeyOf(name: string, publicKey: Uint8Array): string {
  const typed = Buffer.concat([Buffer.from([1]), publicKey])
  return `${name}+${sha256(Buffer.from(`${name}\n`), typed).toString("hex", 0, 4)}+${base64(typed)}`
}

/** What signs notes. */
export class Signer {
  readonly #key: KeyObject
  readonly #id: Buffer
  readonly vkey: string

  constructor(
    readonly name: string,
    seed = 7,
  ) {
    this.#key = privateKey(seed)
    const spki = createPublicKey(this.#key).export({ format: "der", type: "spki" })
    this.vkey = vkeyOf(name, spki.subarray(-32))
    this.#id = Buffer.from(this.vkey.split("+")[1]!, "hex")
  }

  /** The text's signature line. */
  line(text: string): string {
    return `— ${this.name} ${base64(Buffer.concat([this.#id, sign(null, Buffer.from(text), this.#key)]))}\n`
  }

  sign(text: string): string {
    return `${text}\n${this.line(text)}`
  }
}

/** How a bundle is made; by default by the map, with all rows that answer and all their fields. */
export interface BundleOptions {
  form?: "map" | "scan" | null
  /** Which of the rows that answer; by default all. */
  rows?: (rows: readonly Logged[]) => readonly Logged[]
  /** The index at which the scan begins; by default the last row's, or 0. */
  begin?: number
  disclose?: boolean
}

/** A log of one signer. */
export class Log {
  readonly signer: Signer
  readonly leaves: Buffer[] = []
  readonly rows: Logged[] = []
  #values: MapValues = new Map()
  #seal = -1

  constructor(signer = new Signer("log.example")) {
    this.signer = signer
    this.commit([])
  }

  get vkey(): string {
    return this.signer.vkey
  }

  /** Appends rows and a seal; `lie` changes the map that the seal commits to. */
  commit(inputs: readonly RowInput[], lie: (values: MapValues) => void = () => {}): void {
    const first = this.leaves.length
    for (const input of inputs) this.#append(input)
    const indices = new Map<string, number[]>()
    for (const { row, index } of this.rows) {
      for (const key of keysOf(row)) indices.set(key, [...(indices.get(key) ?? []), index])
    }
    this.#values = new Map([...indices].map(([key, list]) => [key, mapValue(list)]))
    lie(this.#values)
    const previous = this.#seal === -1 ? 2n ** 64n - 1n : this.#seal
    const numbers = [first, inputs.length, previous].map(u64be)
    this.#seal = this.leaves.length
    const root = new KeyMap(this.#values).root()
    this.leaves.push(Buffer.concat([Buffer.from([2]), ...numbers, root, u64be(1_790_000_000_000_000 + this.#seal)]))
  }

  /** The newest checkpoint's text. */
  text(): string {
    return `${this.signer.name}\n${this.leaves.length}\n${base64(rootOf(this.leaves))}\n`
  }

  bundle(query: Query, options: BundleOptions = {}): Bundle {
    const { form = "row" in query ? null : "map", rows = (all) => all, disclose = true } = options
    const chosen = rows(this.rows.filter(({ row }) => selects(query, row)))
    const bundle: Bundle = {
      v: 1,
      query,
      checkpoint: this.signer.sign(this.text()),
      rows: chosen.map(({ index, rowSeq, timeUs, row, fields }) => ({
        index: String(index),
        row_seq: String(rowSeq),
        time_us: String(timeUs),
        row,
        fields: Object.fromEntries(
          Object.entries(disclose ? fields : {}).map(([name, { bytes, key }]) => [
            name,
            { bytes: base64(bytes), key: base64(key) },
          ]),
        ),
        proof: this.proof(index),
      })),
      seal: { index: String(this.#seal), leaf: base64(this.leaves[this.#seal]!), proof: this.proof(this.#seal) },
    }
    if (form === "map") bundle.map = this.answer(keyOf(query))
    if (form === "scan") bundle.scan = this.scan(options.begin ?? chosen.at(-1)?.index ?? 0)
    return bundle
  }

  proof(index: number): string[] {
    return inclusionProof(this.leaves, index).map(base64)
  }

  /** The newest map's answer to a key. */
  answer(key: Buffer): NonNullable<Bundle["map"]> {
    const { value, path, other } = new KeyMap(this.#values).prove(key)
    return {
      value: value && base64(value),
      path: path.map(([bit, sibling]) => [bit, base64(sibling)]),
      ...(other ? { other: { k: base64(other.k), v: base64(other.v) } } : {}),
    }
  }

  scan(begin: number): NonNullable<Bundle["scan"]> {
    return { frontier: frontierOf(this.leaves.slice(0, begin)).map(base64), leaves: this.leaves.slice(begin).map(base64) }
  }

  #append({ fields: texts = {}, ...columns }: RowInput): void {
    const [index, rowSeq] = [this.leaves.length, this.rows.length]
    const timeUs = 1_790_000_000_000_000 + index
    const secret = sha256(u64be(rowSeq))
    const hmac = (key: Uint8Array, bytes: Uint8Array): Buffer => createHmac("sha256", key).update(bytes).digest()
    const fields: Logged["fields"] = {}
    for (const [name, text] of Object.entries(texts) as [FieldName, string | Uint8Array][]) {
      fields[name] = { bytes: Buffer.from(text), key: hmac(secret, Buffer.from(name)) }
    }
    const row = { ...usual(rowSeq, timeUs), ...columns } as CanonicalRow & Record<string, unknown>
    for (const name of FIELDS) {
      const field = fields[name]
      row[`c_${name}`] = field ? hmac(field.key, field.bytes).toString("hex") : null
    }
    // As RFC 8785 wants them.
    const sorted = Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const rowHash = sha256(Buffer.from(`vouchsafe/row\0${JSON.stringify(sorted)}`))
    const tags = [tag("agent", row.agent_id), tag("action", row.action_name)]
    this.leaves.push(Buffer.concat([Buffer.from([1]), u64be(rowSeq), u64be(timeUs), ...tags, rowHash]))
    this.rows.push({ index, rowSeq, timeUs, row, fields })
  }
}

function usual(rowSeq: number, timeUs: number): Record<string, unknown> {
  return {
    action_name: "GET api.example.com/price",
    agent_id: "_default",
    body_length: "12",
    c_wire: null,
    call_ref: uuid(0x1000 + rowSeq),
    context: "certain",
    ended_us: String(timeUs),
    error: null,
    first_byte_us: String(timeUs - 10),
    http_version: "1.1",
    id: uuid(rowSeq),
    kind: "http",
    method: "GET",
    outcome: "complete",
    parent: null,
    redacted: [],
    run_id: "run-1",
    schema: 1,
    source: "tap",
    started_us: String(timeUs - 20),
    status: 200,
    tool_call_id: null,
    truncated: false,
  }
}
