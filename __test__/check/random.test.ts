import test from "ava"
import { checkProof } from "../../src/check/index.js"
import { GOOD, VKEY } from "./cases.js"
import { mutated } from "./random.js"

const BUNDLES = Object.entries(GOOD)
  .filter(([name]) => !name.startsWith("a scan"))
  .map(([, [, bundle]]) => bundle)
const ROUNDS = 3000

test("no random change makes the check throw, or a row something that was not recorded", async (t) => {
  const texts = BUNDLES.map((bundle) => JSON.stringify(bundle))
  const recorded = new Map(BUNDLES.flatMap(({ rows }) => rows).map(({ index, row }) => [index, row]))
  const codes = new Set<string>()
  for (let seed = 0; seed < ROUNDS; seed++) {
    const text = mutated(texts, seed)
    try {
      const { ok, rows, reason } = await checkProof(text, VKEY)
      codes.add(ok ? "ok" : reason!.slice(0, reason!.indexOf(":")))
      for (const { index, row } of rows) t.deepEqual(row, recorded.get(index))
    } catch (error) {
      t.fail(`seed ${seed}: ${String(error)}`)
    }
  }
  t.deepEqual([...codes].toSorted(), [
    "incomplete",
    "invalid_signature",
    "malformed",
    "mismatch",
    "missing",
    "ok",
    "unknown_signer",
  ])
})
