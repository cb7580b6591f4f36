import anyTest from "ava"
import { CASES, GOOD, VKEY } from "./cases.js"
import { everyLeafChanged } from "./mutations.js"
import { mutated } from "./random.js"
import { recorded } from "./real.js"
import { expectSame, hasTwin } from "./twin.js"
import { TLOG } from "./vectors.js"

/** Skipped where the binding has no `checkBundle`. */
const test = hasTwin ? anyTest : anyTest.skip

const ROUNDS = 3000

test("Rust and TypeScript say the same of every case", async (t) => {
  for (const { name, text } of CASES) await t.notThrowsAsync(expectSame(text, [VKEY]), name)
})

test("Rust and TypeScript say the same of what a store hands out, and of each value in it changed", async (t) => {
  const { bundles, vkey } = await recorded()
  for (const bundle of bundles) {
    t.true((await expectSame(bundle, [vkey])).ok)
    for (const { place, text } of everyLeafChanged(JSON.parse(bundle) as object)) {
      await t.notThrowsAsync(expectSame(text, [vkey]), place)
    }
  }
})

test("Rust and TypeScript say the same of every known checkpoint", async (t) => {
  const [, bundle] = GOOD["a row"]!
  const { test_key, checkpoints, cosignatures_v1_ed25519 } = TLOG
  for (const { desc, vkey, note } of [...checkpoints, ...cosignatures_v1_ed25519]) {
    const text = JSON.stringify({ ...bundle, checkpoint: note })
    for (const vkeys of [[vkey], [vkey, test_key.vkey], [test_key.other_vkey]]) {
      await t.notThrowsAsync(expectSame(text, vkeys), desc)
    }
  }
})

test("Rust and TypeScript say the same of random changes", async (t) => {
  const bundles = Object.entries(GOOD).filter(([name]) => !name.startsWith("a scan"))
  const texts = bundles.map(([, [, bundle]]) => JSON.stringify(bundle))
  for (let seed = 0; seed < ROUNDS; seed++) {
    const text = mutated(texts, seed)
    await expectSame(text, [VKEY]).catch((error: Error) => t.fail(`seed ${seed}: ${error.message}\n${text}`))
  }
  t.pass()
})
