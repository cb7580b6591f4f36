import test from "ava"
import { checkProof } from "../../index.js"
import { everyLeafChanged } from "./mutations.js"
import { recorded, type Recorded } from "./real.js"

let real: Recorded
test.before(async () => {
  real = await recorded()
})

test("what a verification hands out is proven, with the body that decided it", async (t) => {
  t.is(real.bundles.length, 6)
  for (const bundle of real.bundles) {
    const { ok, reason, rows, checkpoint } = await checkProof(bundle, real.vkey)
    t.is(reason, null)
    t.true(ok)
    t.is(checkpoint!.note, (JSON.parse(bundle) as { checkpoint: string }).checkpoint)
    const response = new TextDecoder().decode(rows.at(-1)!.fields.response)
    t.is((JSON.parse(response) as { price: number }).price, 42)
  }
})

test("no value anywhere in it can be changed unseen", async (t) => {
  for (const bundle of real.bundles) {
    let changes = 0
    for (const { place, text } of everyLeafChanged(JSON.parse(bundle) as object)) {
      changes++
      t.false((await checkProof(text, real.vkey)).ok, place)
    }
    t.true(changes >= 50, String(changes))
  }
})

test("under another store's key it proves nothing", async (t) => {
  const other = await recorded()
  const { ok, reason } = await checkProof(real.bundles[0]!, other.vkey)
  t.false(ok)
  t.regex(reason!, /^unknown_signer: signed by no known key, but by vouchsafe\.local\//)
})
