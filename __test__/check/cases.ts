/** Bundles of every kind, and of every kind that is wrong, each with what its check must say. */

import { base64, type Bundle, Log, mapValue, type MapValues, type Query, type RowInput, Signer, uuid } from "./log.js"
import { tag } from "./tree.js"

/** A bundle's text and what checking it says: `covers` and `form`, or the failure's code. */
export interface Case {
  name: string
  text: string
  says: string
}

const ACTION = "GET api.example.com/price"
const CALL = { call: uuid(0xa) }
const DEFAULT = { agent: "_default", run: "run-1" }
const PRICE = { action: ACTION, ...DEFAULT }
const OTHER = { agent: "other", run: "run-1" }
const NOBODY = { agent: "nobody", run: null }

const FIRST: RowInput[] = [
  {
    call_ref: CALL.call,
    tool_call_id: "call_1",
    redacted: ["\uffff", "\u{10000}"],
    fields: {
      response: '{"price":42}',
      request: "",
      request_headers: "accept: */*\n",
      response_headers: Buffer.from("x: \xe9\n", "latin1"),
      url: "https://api.example.com/price",
    },
  },
  { call_ref: CALL.call, fields: { response: "\u2028\u007f\ud83d\ude00" } },
  { agent_id: "other", action_name: 'a "quoted" \\ one\n\u0001\u2028é', error: "\ufffd", outcome: "error", status: null },
]
const SECOND: RowInput[] = [
  { kind: "model", call_ref: uuid(0xc) },
  { kind: "tool", run_id: null, source: "recordTool" },
  { call_ref: CALL.call },
]

/** Leaves: seal 0, rows 1 to 3, seal 4, rows 5 to 7, seal 8; the call's rows are 1, 2 and 7. */
export function logOfTwo(lie: (values: MapValues) => void = () => {}): Log {
  const log = new Log()
  log.commit(FIRST)
  log.commit(SECOND, lie)
  return log
}

const log = logOfTwo()
const empty = new Log()
/** So long that a scan of all of it is too long by one leaf. */
const long = new Log()
long.commit(Array.from({ length: 579 }, () => ({ agent_id: "many" })))

/** The vkey under which all cases are checked. */
export const VKEY = log.vkey

const callKey = tag("call", CALL.call).toString("hex")

/** The call's bundle by a log whose signer put this into the map. */
const lied = (value: Buffer | null): Bundle =>
  logOfTwo((values) => (value ? values.set(callKey, value) : values.delete(callKey))).bundle(CALL)

const none = (): readonly [] => []

/** A copy of the bundle, changed. */
export function changed(bundle: Bundle, change: (bundle: Bundle) => void): Bundle {
  const copy = structuredClone(bundle)
  change(copy)
  return copy
}

/** Bundles that prove something. */
export const GOOD: Record<string, [says: string, bundle: Bundle]> = {
  "a row": ["row", log.bundle({ row: uuid(0) })],
  "a row of a kind that is not indexed": ["row", log.bundle({ row: uuid(3) })],
  "a row whose fields are withheld": ["row", log.bundle({ row: uuid(0) }, { disclose: false })],
  "rows with nothing beside them": ["row", log.bundle(CALL, { form: null })],
  "a call": ["call by map", log.bundle(CALL)],
  "a tool call": ["call by map", log.bundle({ toolCall: "call_1" })],
  "a call's last row": ["latest by map", log.bundle(CALL, { rows: (all) => all.slice(-1) })],
  "an action": ["latest by map", log.bundle(PRICE)],
  "an action's last row": ["latest by map", log.bundle(PRICE, { rows: (all) => all.slice(-1) })],
  "an agent": ["latest by map", log.bundle(DEFAULT)],
  "an agent without a run": ["latest by map", log.bundle({ agent: "_default", run: null })],
  "an agent whose run is the empty text": ["latest by map", log.bundle({ agent: "_default", run: "" })],
  "an agent, scanned": ["latest by scan", log.bundle(OTHER, { form: "scan" })],
  "an agent, scanned from the start": ["latest by scan", log.bundle(OTHER, { form: "scan", begin: 0 })],
  "an action, scanned": ["latest by scan", log.bundle(PRICE, { form: "scan" })],
  "no such call": ["absence by map", log.bundle({ call: uuid(0xff) })],
  "no such action": ["absence by map", log.bundle({ ...PRICE, action: "none" })],
  "nothing in an empty log": ["absence by map", empty.bundle(NOBODY)],
  "nothing in an empty log, scanned": ["absence by scan", empty.bundle(NOBODY, { form: "scan" })],
  "no such agent, scanned": ["absence by scan", log.bundle(NOBODY, { form: "scan" })],
  "a scan just short enough": ["latest by scan", long.bundle({ agent: "many", run: "run-1" }, { form: "scan", begin: 1, rows: (all) => all.slice(-1) })],
}

const call = log.bundle(CALL)
const row = log.bundle({ row: uuid(0) })
const other = log.bundle(OTHER, { form: "scan" })
const zeros = base64(Buffer.alloc(32))
const query = (query: unknown) => (bundle: Bundle) => void (bundle.query = query as Query)

/** A byte of base64 text changed. */
function flipped(text: string, at = 0): string {
  const bytes = Buffer.from(text, "base64")
  bytes[at]! ^= 1
  return base64(bytes)
}

/** What is wrong with a bundle, by its change from a good one. */
const WRONG: Record<string, [code: string, bundle: Bundle]> = {
  "no checkpoint": ["missing", changed(row, (b) => void delete b.checkpoint)],
  "no seal": ["missing", changed(row, (b) => void delete b.seal)],
  "neither checkpoint nor seal": ["missing", changed(row, (b) => (delete b.checkpoint, void delete b.seal))],

  "a checkpoint that is no note": ["malformed", changed(row, (b) => void (b.checkpoint = "x"))],
  "a signature without key": ["malformed", changed(row, (b) => void (b.checkpoint = `${log.text()}\n— log.example AAAA\n`))],
  "a stranger's checkpoint": ["unknown_signer", changed(row, (b) => void (b.checkpoint = new Signer("log.example", 8).sign(log.text())))],
  "a checkpoint of another origin": ["unknown_signer", changed(row, (b) => void (b.checkpoint = log.signer.sign(log.text().replace("log.", "dog."))))],
  "a checkpoint changed": ["invalid_signature", changed(row, (b) => void (b.checkpoint = b.checkpoint!.replace("\n9\n", "\n8\n")))],
  "a signature of small order": ["invalid_signature", changed(row, (b) => void (b.checkpoint = smallOrder(b.checkpoint!)))],

  "a seal that is not the last leaf": ["malformed", changed(row, (b) => void (b.seal!.index = "4"))],
  "a seal at the largest index": ["malformed", changed(row, (b) => void (b.seal!.index = "18446744073709551615"))],
  "a seal that is a row": ["malformed", changed(row, (b) => void (b.seal!.leaf = base64(log.leaves[7]!)))],
  "a seal cut short": ["malformed", changed(row, (b) => void (b.seal!.leaf = base64(log.leaves[8]!.subarray(0, 64))))],
  "a seal without its proof": ["malformed", changed(row, (b) => void (b.seal!.proof = []))],
  "a seal with a longer proof": ["malformed", changed(row, (b) => void b.seal!.proof.push(zeros))],
  "a seal of another map": ["mismatch", changed(row, (b) => void (b.seal!.leaf = flipped(b.seal!.leaf, 30)))],
  "a seal with another proof": ["mismatch", changed(row, (b) => void (b.seal!.proof[0] = zeros))],

  "rows in disorder": ["malformed", changed(call, (b) => void (b.rows = b.rows.toReversed()))],
  "a row twice": ["malformed", changed(call, (b) => void b.rows.push(b.rows.at(-1)!))],

  "a row beyond the log": ["malformed", changed(row, (b) => void (b.rows[0]!.index = "9"))],
  "a row's proof cut": ["malformed", changed(row, (b) => void b.rows[0]!.proof.pop())],
  "a row's proof longer": ["malformed", changed(row, (b) => void b.rows[0]!.proof.push(zeros))],
  "another row": ["mismatch", changed(row, (b) => void (b.rows[0]!.row.status = 201))],
  "another number of the row": ["mismatch", changed(row, (b) => void (b.rows[0]!.row_seq = "1"))],
  "another time of the row": ["mismatch", changed(row, (b) => void (b.rows[0]!.time_us = "1"))],
  "another place of the row": ["mismatch", changed(row, (b) => void (b.rows[0]!.index = "2"))],
  "another answer in the row's body": ["mismatch", changed(row, (b) => void (b.rows[0]!.fields.response!.bytes = flipped(b.rows[0]!.fields.response!.bytes)))],
  "another key of the row's URL": ["mismatch", changed(row, (b) => void (b.rows[0]!.fields.url!.key = zeros))],
  "a field that the row does not have": ["mismatch", changed(log.bundle({ row: uuid(1) }), (b) => void (b.rows[0]!.fields.url = { bytes: "", key: zeros }))],
  "a changed row that the query does not select": ["mismatch", changed(row, (b) => void (b.rows[0]!.row.id = uuid(9)))],

  "a map and a scan": ["malformed", changed(other, (b) => void (b.map = log.answer(tag("agent", "run-1", "other"))))],

  "a map for a query by row": ["malformed", changed(call, query({ row: uuid(0) }))],
  "a map's path that does not fall": ["malformed", changed(call, (b) => void (b.map!.path = b.map!.path.toReversed()))],
  "a map's path with a bit twice": ["malformed", changed(call, (b) => void b.map!.path.push(b.map!.path.at(-1)!))],
  "a map with a value and another leaf": ["malformed", changed(call, (b) => void (b.map!.other = { k: zeros, v: "" }))],
  "a map's path that begins at no leaf": ["malformed", changed(call, (b) => void (b.map!.value = null))],
  "a map whose other leaf is the key's own": ["malformed", changed(call, (b) => void (b.map = { value: null, path: b.map!.path, other: { k: base64(tag("call", CALL.call)), v: b.map!.value! } }))],
  "a map's lookup that goes elsewhere": ["malformed", changed(log.bundle({ call: uuid(0xff) }), (b) => void (b.map!.other!.k = base64(Buffer.from(b.map!.other!.k, "base64").map((byte) => byte ^ 0xff))))],
  "a map's other value": ["mismatch", changed(call, (b) => void (b.map!.value = flipped(b.map!.value!)))],
  "a map's other leaf, changed": ["mismatch", changed(log.bundle({ call: uuid(0xff) }), (b) => void (b.map!.other!.v += "AAAA"))],
  "a map's other sibling": ["mismatch", changed(call, (b) => void (b.map!.path[0]![1] = zeros))],
  "a map's answer to another query": ["mismatch", changed(call, (b) => void (b.map = log.answer(tag("toolcall", "call_1"))))],
  "an empty map's answer": ["mismatch", changed(call, (b) => void (b.map = { value: null, path: [] }))],
  "a value cut short": ["malformed", lied(Buffer.alloc(47, 1))],
  "a value too long": ["malformed", lied(Buffer.alloc(49, 1))],
  "a value of no rows": ["malformed", lied(mapValue([]))],

  "a scan for a query by row": ["malformed", changed(other, query({ row: uuid(2) }))],
  "a scan for a query by call": ["malformed", changed(other, query(CALL))],
  "a scan of no leaves": ["malformed", changed(other, (b) => void (b.scan = log.scan(9)))],
  "a scan of more leaves than there are": ["malformed", changed(other, (b) => void (b.scan = { frontier: [], leaves: [...log.scan(0).leaves, ...log.scan(0).leaves] }))],
  "a scan too long": ["malformed", long.bundle(NOBODY, { form: "scan" })],
  "a scan with half a leaf": ["malformed", changed(other, (b) => void (b.scan!.leaves[1] = base64(log.leaves[4]!.subarray(1))))],
  "a scan with a leaf of another type": ["malformed", changed(other, (b) => void (b.scan!.leaves[0] = flipped(b.scan!.leaves[0]!, 0)))],
  "a scan with too many subtrees": ["malformed", changed(other, (b) => void b.scan!.frontier.push(zeros))],
  "a scan with too few subtrees": ["malformed", changed(other, (b) => void b.scan!.frontier.pop())],
  "a scan with another leaf": ["mismatch", changed(other, (b) => void (b.scan!.leaves[1] = flipped(b.scan!.leaves[1]!, 9)))],
  "a scan with another subtree": ["mismatch", changed(other, (b) => void (b.scan!.frontier[0] = zeros))],

  "rows that answer another query": ["malformed", changed(row, query({ row: uuid(1) }))],
  "rows of another run": ["malformed", changed(log.bundle(DEFAULT, { form: null }), query({ ...DEFAULT, run: "run-2" }))],
  "rows of another action": ["malformed", changed(log.bundle(PRICE, { form: null }), query({ ...PRICE, action: "x" }))],
  "rows that are not indexed": ["malformed", changed(log.bundle({ row: uuid(3) }), query({ call: uuid(0xc) }))],

  "a row that the map leaves out": ["mismatch", lied(null)],
  "none of the rows that the map lists": ["incomplete", log.bundle(CALL, { rows: none })],
  "a row later than the map's last": ["mismatch", lied(mapValue([1, 2]))],
  "a later row left out": ["incomplete", log.bundle(CALL, { rows: (all) => all.slice(0, 2) })],
  "a later row of an action left out": ["incomplete", log.bundle(PRICE, { rows: (all) => all.slice(0, 1) })],
  "more rows than the map counts": ["mismatch", lied(mapValue([7]))],
  "other rows than the map lists": ["mismatch", lied(mapValue([1, 3, 7]))],
  "no rows, and a scan of a part": ["incomplete", log.bundle(NOBODY, { form: "scan", begin: 4 })],
  "no rows, and a leaf that may answer": ["incomplete", log.bundle(OTHER, { form: "scan", rows: none })],
  "no rows, and a leaf of another run that may answer": ["incomplete", log.bundle({ ...OTHER, run: "run-2" }, { form: "scan" })],
  "a scan that begins after the row": ["incomplete", log.bundle(OTHER, { form: "scan", begin: 4 })],
  "a scan with a later leaf that may answer": ["incomplete", log.bundle(PRICE, { form: "scan", rows: (all) => all.slice(0, 1) })],
  "no rows and nothing else": ["incomplete", log.bundle(CALL, { form: null, rows: none })],
}

/** The signature's point replaced by the neutral element: 1, and zeros. */
function smallOrder(note: string): string {
  const at = note.lastIndexOf(" ") + 1
  const signature = Buffer.from(note.slice(at), "base64")
  signature.fill(0, 4, 36)[4] = 1
  return `${note.slice(0, at)}${base64(signature)}\n`
}

const json = JSON.stringify(call)
const key = row.rows[0]!.fields.response!.key

/** Texts that are not of the one form; each a change of a good bundle's text. */
const SPELLINGS: Record<string, [from: string, to: string, says?: string]> = {
  "white space and escapes": ['{"v":1,', ' \n\t\r{ "\\u0076" :1 ,', "call by map"],
  "an escaped solidus": ["GET api.example.com/price", "GET api.example.com\\/price", "call by map"],
  "a pair of surrogates, escaped": ["\u{10000}", "\\ud800\\uDC00", "call by map"],
  "a byte order mark": ['{"v"', '\ufeff{"v"'],
  "a white space of Unicode": ['{"v"', '\u00a0{"v"'],
  "something before the end": ["]}}", "]},}"],
  "a NUL at the start": ['{"v"', '\0{"v"'],
  "a control character": ["run-1", "run-\t1"],
  "a lone surrogate, escaped": ["run-1", "run-\\ud800"],
  "a leading surrogate before another escape": ["run-1", "run-\\ud800\\n"],
  "a trailing surrogate alone": ["run-1", "run-\\udc00"],
  "an escape that there is not": ["run-1", "run-\\x31"],
  "an escape in upper case": ["run-1", "run-\\U0031"],
  "a lone surrogate as it stands": ["run-1", "run-\ud800", "mismatch"],
  "a single quote": ['{"v"', "{'v'"],
  "a comment": ['{"v"', '/**/{"v"'],
  "another version": ['"v":1', '"v":2'],
  "a version that is a string": ['"v":1', '"v":"1"'],
  "a version with a fraction": ['"v":1', '"v":1.0'],
  "a version with an exponent": ['"v":1', '"v":1e0'],
  "a version with a leading zero": ['"v":1', '"v":01'],
  "a version beyond 64 bits": ['"v":1', '"v":18446744073709551617'],
  "no version": ['{"v":1,', "{"],
  "a version twice": ['{"v":1,', '{"v":1,"v":1,'],
  "a version twice, once escaped": ['{"v":1,', '{"v":1,"\\u0076":1,'],
  "an unknown key": ['{"v":1,', '{"v":1,"w":1,'],
  "a key of every object": ['{"v":1,', '{"v":1,"__proto__":1,'],
  "a seal that is null": ['{"v":1,', '{"v":1,"scan":null,'],
  "a key twice in a row": ['"schema":1', '"schema":1,"schema":1'],
  "an unknown key in a row": ['"schema":1', '"schema":1,"extra":null'],
  "another schema": ['"schema":1', '"schema":2'],
  "a status with a fraction": ['"status":200', '"status":200.0'],
  "a status with an exponent": ['"status":200', '"status":2e2'],
  "a status beyond 16 bits": ['"status":200', '"status":65536'],
  "a negative status": ['"status":200', '"status":-200'],
  "a status of minus zero": ['"status":200', '"status":-0'],
  "a status that no double holds": ['"status":200', '"status":1E400'],
  "a status that is a string": ['"status":200', '"status":"200"'],
  "a kind in upper case": ['"kind":"http"', '"kind":"HTTP"'],
  "a kind that is an object": ['"kind":"http"', '"kind":{"http":null}'],
  "a context that is an object": ['"context":"certain"', '"context":{"certain":null}'],
  "a time that is a number": ['"ended_us":"1790000000000001"', '"ended_us":1790000000000001'],
  "a time with a leading zero": ['"ended_us":"', '"ended_us":"0'],
  "a time with a sign": ['"ended_us":"', '"ended_us":"+'],
  "a time beyond 64 bits": ['"ended_us":"1790000000000001"', '"ended_us":"18446744073709551616"'],
  "an id in upper case": [`"id":"${uuid(0)}"`, `"id":"${uuid(0).slice(0, -1)}A"`],
  "an id without hyphens": [`"id":"${uuid(0)}"`, `"id":"${uuid(0).replaceAll("-", "")}"`],
  "a hash in upper case": ['"c_url":"', '"c_url":"A'],
  "places in the order of UTF-16": ['["\uffff","\u{10000}"]', '["\u{10000}","\uffff"]'],
  "a place twice": ['["\uffff","\u{10000}"]', '["\uffff","\uffff"]'],
  "a run of more than 65,535 bytes": ['"run_id":"run-1"', `"run_id":"${"é".repeat(32_768)}"`],
  "a run of 65,535 bytes": ['"run_id":"run-1"', `"run_id":"${"x".repeat(65_535)}"`, "mismatch"],
  "an index with a leading zero": ['"index":"1"', '"index":"01"'],
  "an index that is a number": ['"index":"1"', '"index":1'],
  "an index twice": ['"index":"1"', '"index":"1","index":"1"'],
  "an index that is empty": ['"index":"1"', '"index":""'],
  "base64 without padding": [key, key.slice(0, -1)],
  "base64 with more padding": [key, `${key}=`],
  "base64 with a bit too many": [key, `${key.slice(0, -2)}${String.fromCharCode(key.charCodeAt(42) + 1)}=`],
  "base64 with a line feed": [key, `${key}\\n`],
  "base64 of another alphabet": [key, key.replace(/[A-Z]/, "-")],
  "a key of 31 bytes": [key, base64(Buffer.alloc(31))],
  "a field that is null": ['"fields":{', '"fields":{"url":null,'],
  "a field twice": ['"fields":{', '"fields":{"url":{"bytes":"","key":""},'],
  "a field that is unknown": ['"fields":{', '"fields":{"wire":{"bytes":"","key":""},'],
  "fields that are null": ['"fields":{}', '"fields":null'],
  "fields that are an array": ['"fields":{}', '"fields":[]'],
  "a leaf's hash beside its row": ['"rows":[{', '"rows":[{"leaf_hash":"",'],
  "a query of two forms": ['"query":{', `"query":{"row":"${uuid(0)}",`],
  "a query with a key twice": ['"query":{', `"query":{"call":"${CALL.call}",`],
  "a query that is null": [`"query":{"call":"${CALL.call}"}`, '"query":null'],
  "a query for null": [`"query":{"call":"${CALL.call}"}`, '"query":{"call":null}'],
  "a query that is a text": [`"query":{"call":"${CALL.call}"}`, '"query":"call"'],
  "an agent's query without run": [`"query":{"call":"${CALL.call}"}`, '"query":{"agent":"_default"}'],
  "a path's step of three": ['"path":[[', '"path":[[1,"",""],['],
  "a path's step that is an object": ['"path":[[', '"path":[{},['],
  "a path's bit beyond a byte": ['"path":[[', '"path":[[256,"' + zeros + '"],['],
  "a path's bit that is a string": ['"path":[[', '"path":[["1","' + zeros + '"],['],
  "a path's bit below zero": ['"path":[[', '"path":[[-1,"' + zeros + '"],['],
  "deep nesting": ['{"v":1,', `{"v":${"[".repeat(100_000)},`],
}

const spelled = ([name, [from, to, says = "malformed"]]: [string, [string, string, string?]]): Case => {
  const text = json.replace(from, to)
  if (text === json) throw new Error(`${name}: there is no ${from}`)
  return { name, text, says }
}

const said = ([name, [says, bundle]]: [string, [string, Bundle]]): Case => ({ name, text: JSON.stringify(bundle), says })

const texts: Record<string, string> = {
  "an empty text": "",
  "white space": " ",
  null: "null",
  "a number": "1",
  "an array": "[]",
  "an empty object": "{}",
  "an array of a bundle's values": JSON.stringify(Object.values(call)),
  "half a bundle": json.slice(0, json.length / 2),
  "two bundles": json + json,
}

/** All of them. */
export const CASES: Case[] = [
  ...Object.entries(GOOD).map(said),
  ...Object.entries(WRONG).map(said),
  ...Object.entries(SPELLINGS).map(spelled),
  ...Object.entries(texts).map(([name, text]) => ({ name, text, says: "malformed" })),
]
