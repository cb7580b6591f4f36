import test from "ava"
import { checkProof } from "../../src/check/index.js"
import { CASES, changed, GOOD, logOfTwo, VKEY } from "./cases.js"
import { Signer, uuid, vkeyOf } from "./log.js"
import { everyLeafChanged } from "./mutations.js"
import { said } from "./said.js"

for (const { name, text, says } of CASES) {
  test(`${name}: ${says}`, async (t) => {
    const result = await checkProof(text, VKEY)
    t.is(said(result), says, result.reason ?? "")
    if (result.ok) return
    t.like(result, { covers: null, form: null, rows: [] })
    t.regex(result.reason!, /^[a-z_]+: ./)
  })
}

test("what is proven is handed out: the rows, what is disclosed of them, and the checkpoint", async (t) => {
  const log = logOfTwo()
  const [, bundle] = GOOD["a call"]!
  const { rows, checkpoint } = await checkProof(bundle, [VKEY])
  t.deepEqual(checkpoint, { origin: "log.example", size: "9", root: log.text().split("\n")[2]!, note: bundle.checkpoint! })
  t.deepEqual(rows.map(({ index, rowSeq, timeUs }) => [index, rowSeq, timeUs]), [
    ["1", "0", "1790000000000001"],
    ["2", "1", "1790000000000002"],
    ["7", "5", "1790000000000007"],
  ])
  t.deepEqual(rows.map(({ row }) => row), bundle.rows.map(({ row }) => row))
  const text = new TextDecoder()
  t.is(text.decode(rows[0]!.fields.response), '{"price":42}')
  t.deepEqual(Object.keys(rows[0]!.fields), ["response", "request", "request_headers", "response_headers", "url"])
  t.deepEqual(rows.map(({ fields }) => Object.keys(fields).length), [5, 1, 0])
})

test("a failure after the checkpoint was opened still names it, and one before does not", async (t) => {
  const [, bundle] = GOOD["a row"]!
  const other = changed(bundle, (copy) => void (copy.rows[0]!.row.status = 201))
  t.is((await checkProof(other, VKEY)).checkpoint?.size, "9")
  const stranger = await checkProof(bundle, new Signer("log.example", 8).vkey)
  t.is(stranger.checkpoint, null)
  t.is(stranger.reason, `unknown_signer: signed by no known key, but by ${VKEY.split("+").slice(0, 2).join("+")}`)
})

test("a reason says what of which row does not match", async (t) => {
  const [, bundle] = GOOD["a row"]!
  const other = changed(bundle, (copy) => void (copy.rows[0]!.fields.response!.bytes = ""))
  const { reason } = await checkProof(other, VKEY)
  t.is(reason, `mismatch: the response of row ${uuid(0)} does not match the signed log`)
})

test("no value anywhere in a bundle can be changed unseen", async (t) => {
  let changes = 0
  for (const [name, [, bundle]] of Object.entries(GOOD)) {
    if (name.startsWith("a scan")) continue
    for (const { place, text } of everyLeafChanged(bundle)) {
      changes++
      const { ok, covers } = await checkProof(text, VKEY)
      // Nobody did nothing either way.
      t.true(!ok || (covers === "absence" && place.startsWith("query.")), `${name}: ${place}`)
    }
  }
  t.true(changes > 1000, String(changes))
})

test("an object is checked as the text that JSON makes of it", async (t) => {
  const [, bundle] = GOOD["a row"]!
  t.true((await checkProof(bundle, VKEY)).ok)
  t.true((await checkProof({ toJSON: () => bundle }, VKEY)).ok)
  const cyclic: Record<string, unknown> = { ...bundle }
  cyclic["map"] = cyclic
  for (const unwritable of [cyclic, { ...bundle, v: 1n }, () => bundle]) {
    const { reason } = await checkProof(unwritable, VKEY)
    t.is(reason, "malformed: the bundle cannot be written as JSON")
  }
  for (const nothing of [null, undefined, 1]) {
    t.regex((await checkProof(nothing as unknown as string, VKEY)).reason!, /^malformed: /)
  }
})

test("a text of more than 64 MiB is not read", async (t) => {
  const { reason } = await checkProof(" ".repeat(64 * 1024 * 1024 + 1), VKEY)
  t.regex(reason!, /^malformed: a text of more than 67108864 characters/)
})

test("keys that are none are the caller's mistake", async (t) => {
  const [, bundle] = GOOD["a row"]!
  const weak = vkeyOf("log.example", Buffer.alloc(32))
  const offCurve = vkeyOf("log.example", Buffer.alloc(32, 2))
  for (const vkeys of [[], "", "x", [VKEY, "x"], `${VKEY}=`, VKEY.replace("log.", "dog."), weak, offCurve, undefined, [1]]) {
    await t.throwsAsync(checkProof(bundle, vkeys as string), { instanceOf: TypeError, message: /^vkeys: / })
  }
})

test("one known key among several is enough, and signatures of others are ignored", async (t) => {
  const [, bundle] = GOOD["a row"]!
  const stranger = new Signer("stranger", 8)
  const both = changed(bundle, (copy) => void (copy.checkpoint += stranger.line(logOfTwo().text())))
  t.true((await checkProof(both, VKEY)).ok)
  t.true((await checkProof(both, [stranger.vkey, VKEY])).ok)
  t.is(said(await checkProof(both, stranger.vkey)), "unknown_signer")
  const forged = changed(bundle, (copy) => void (copy.checkpoint += stranger.line("another text\n")))
  t.is(said(await checkProof(forged, [stranger.vkey, VKEY])), "invalid_signature")
  t.true((await checkProof(forged, VKEY)).ok)
})
