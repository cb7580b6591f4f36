import anyTest from "ava"
import { CASES, GOOD, VKEY } from "./cases.js"
import { everyLeafChanged } from "./mutations.js"
import { vkeyOf } from "./log.js"
import { mutated } from "./random.js"
import { recorded } from "./real.js"
import { expectSame, expectSameKey, hasTwin } from "./twin.js"
import { sha256, u64be } from "./tree.js"
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

test("Rust and TypeScript take the same points for keys", async (t) => {
  const P = 2n ** 255n - 19n
  const point = (y: bigint): Buffer =>
    Buffer.from(Buffer.from(y.toString(16).padStart(64, "0"), "hex").toReversed())
  // Of small order, and next to where encodings begin anew; both signs of x.
  const edges = Array.from({ length: 20 }, (_, n) => BigInt(n)).flatMap((n) => [n, P - n, P + (n % 19n)])
  const signed = [...edges, ...edges.map((y) => y + 2n ** 255n)].map(point)
  const random = Array.from({ length: 200 }, (_, n) => sha256(u64be(n)))
  for (const bytes of [...signed, ...random]) {
    await t.notThrowsAsync(expectSameKey(vkeyOf("log.example", bytes)), bytes.toString("hex"))
  }
  const vkey = vkeyOf("log.example", sha256(u64be(0)))
  for (const text of ["", "x", `${vkey}=`, ` ${vkey}`, vkey.toUpperCase(), vkey.replace("+A", "+B"), vkeyOf("a b", sha256(u64be(0))), vkeyOf("a\u0085b", sha256(u64be(0))), vkeyOf("é", sha256(u64be(0)))]) {
    await t.notThrowsAsync(expectSameKey(text), text)
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
