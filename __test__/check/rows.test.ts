import test from "ava"
import { hex } from "../../src/check/bytes.js"
import { hmacSha256 } from "../../src/check/crypto.js"
import { readJson } from "../../src/check/json.js"
import { isRowLeaf, isSeal, mapRoot, rowLeaf } from "../../src/check/leaf.js"
import { mapKey } from "../../src/check/query.js"
import { canonical, type CanonicalRow, row as readRow, rowHash } from "../../src/check/row.js"
import { tag } from "../../src/check/tag.js"
import { leafHash } from "../../src/check/tree.js"
import { bytes, ROWS } from "./vectors.js"

const read = (json: string): CanonicalRow => readRow(readJson(json), "the row")

test("every known row has its known text, hash and leaf", (t) => {
  t.is(ROWS.rows.length, 13)
  for (const known of ROWS.rows) {
    const row = read(JSON.stringify(known.row))
    t.is(canonical(row), known.canonical)
    t.is(hex(rowHash(row)), known.row_hash)
    const leaf = rowLeaf(row, BigInt(known.row_seq), BigInt(known.time_us))
    t.is(hex(leaf), known.leaf)
    t.is(hex(leafHash(leaf)), known.leaf_hash)
    t.deepEqual([isRowLeaf(leaf), isSeal(leaf)], [true, false])
  }
})

test("every known field has its known commitment", (t) => {
  for (const { row, fields, field_keys } of ROWS.rows) {
    for (const [name, text] of Object.entries(fields)) {
      const stored = new Uint8Array(Buffer.from(text, "base64"))
      t.is(hex(hmacSha256(bytes(field_keys[name]!), stored)), row[`c_${name}`] as string)
    }
  }
})

test("every known row is under its known keys of the map", (t) => {
  for (const { row: columns, map_keys } of ROWS.rows) {
    const { call_ref, tool_call_id, run_id, agent_id, action_name } = read(JSON.stringify(columns))
    const keys: Record<string, Uint8Array | null> = {
      K1: mapKey({ call: call_ref ?? "" }),
      K2: mapKey({ action: action_name, agent: agent_id, run: run_id }),
      K3: mapKey({ agent: agent_id, run: run_id }),
      K4: mapKey({ toolCall: tool_call_id ?? "" }),
    }
    for (const [name, key] of Object.entries(map_keys)) t.is(hex(keys[name]!), key)
  }
})

test("every known tag is the tag of its parts", (t) => {
  for (const known of ROWS.tags) t.is(hex(tag(known.name, ...known.parts)), known.tag)
})

test("every known seal is read as one", (t) => {
  for (const { leaf, leaf_hash, map_root } of ROWS.seals) {
    const seal = bytes(leaf)
    t.deepEqual([isSeal(seal), isRowLeaf(seal)], [true, false])
    t.is(hex(mapRoot(seal)), map_root)
    t.is(hex(leafHash(seal)), leaf_hash)
  }
})

const CHANGES: [key: string, value: unknown][] = [
  ["schema", 2],
  ["schema", "1"],
  ["ended_us", 1],
  ["ended_us", "01"],
  ["ended_us", "+1"],
  ["ended_us", ""],
  ["ended_us", "18446744073709551616"],
  ["body_length", "-1"],
  ["c_url", "AB".repeat(32)],
  ["c_url", "ab".repeat(31)],
  ["id", "00000000-0000-7000-8000-00000000000A"],
  ["id", "00000000000070008000000000000001"],
  ["id", "{00000000-0000-7000-8000-000000000001}"],
  ["parent", ""],
  ["kind", "HTTP"],
  ["source", "record_tool"],
  ["redacted", ["b", "a"]],
  ["redacted", ["a", "a"]],
  ["redacted", ["ab", "a"]],
  ["redacted", null],
  ["status", 200.5],
  ["status", 65_536],
  ["truncated", 0],
  ["run_id", "r".repeat(65_536)],
  ["agent_id", null],
  ["outcome", "ok"],
  ["context", false],
]

test("a row with a value in another spelling is refused", (t) => {
  for (const [key, value] of CHANGES) {
    const changed = JSON.stringify({ ...ROWS.rows[0]!.row, [key]: value })
    t.throws(() => read(changed), { message: new RegExp(`the row\\.${key}`) }, changed)
  }
})

test("a row with a missing, an unknown or a duplicate key is refused", (t) => {
  const { row } = ROWS.rows[0]!
  for (const key of Object.keys(row)) {
    const { [key]: _, ...rest } = row
    t.throws(() => read(JSON.stringify(rest)), { message: `the row has no ${key}` })
  }
  const json = JSON.stringify(row)
  t.throws(() => read(json.replace("{", '{"extra":null,')), { message: "the row has an unknown key" })
  t.throws(() => read(json.replace("{", '{"status":200,')), { message: /the key "status" twice/ })
  t.throws(() => read(JSON.stringify(Object.values(row))), { message: "the row is not an object" })
})
