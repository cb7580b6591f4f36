/** The engine's check of a bundle, as JSON: what `vouchsafe/check` says too. */

import { createRequire } from "node:module"
import type * as Binding from "#binding"
import type { Vouchsafe } from "../../index.js"
import { call, onEachEngine, type Scene } from "./scene.js"

const { checkBundle } = createRequire(import.meta.url)("#binding") as typeof Binding

interface Checked {
  ok: boolean
  covers: string | null
  form: string | null
  rows: { index: string; rowSeq: string; timeUs: string; row: { id: string }; fields: Record<string, string> }[]
  checkpoint: { origin: string; size: string; root: string; note: string } | null
  reason: string | null
}

async function check(bundle: string, keys: string[]): Promise<Checked> {
  return JSON.parse((await checkBundle(bundle, keys)) as string) as Checked
}

/** The bundle behind the verdict on a claim. */
async function bundleOf(scene: Scene): Promise<{ vouchsafe: Vouchsafe; bundle: string; rowId: string }> {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/price": { json: { price: 42 } } })
  const callRef = await call(`${server.url}/price`)
  const verdict = await vouchsafe.verify([{ callRef, path: "price", equals: 42 }], { bundles: true })
  const [{ proof, evidence } = {}] = verdict.claims
  return { vouchsafe, bundle: proof!.bundle!, rowId: evidence!.rowId }
}

onEachEngine("a bundle is checked with keys alone, and all that it says is there", async (t, scene) => {
  const { vouchsafe, bundle, rowId } = await bundleOf(scene)
  const checkpoint = await vouchsafe.commit()
  const checked = await check(bundle, [vouchsafe.verifierKey])
  t.like(checked, { ok: true, reason: null, checkpoint })
  t.deepEqual(Object.keys(checked), ["ok", "covers", "form", "rows", "checkpoint", "reason"])
  const [row] = checked.rows
  t.deepEqual(Object.keys(row!), ["index", "rowSeq", "timeUs", "row", "fields"])
  t.deepEqual([row!.row.id, row!.rowSeq], [rowId, "0"])
  t.is(Buffer.from(row!.fields["response"]!, "base64").toString(), JSON.stringify({ price: 42 }))
})

onEachEngine("what fails is named by its code, and nothing is said beside the checkpoint", async (t, scene) => {
  const { vouchsafe, bundle } = await bundleOf(scene)
  const keys = [vouchsafe.verifierKey]
  const changed = (change: (bundle: any) => void): string => {
    const copy = JSON.parse(bundle) as unknown
    change(copy)
    return JSON.stringify(copy)
  }
  const cases: [string, string, boolean][] = [
    ["", "malformed", false],
    [changed((bundle) => delete bundle.checkpoint), "missing", false],
    [changed((bundle) => delete bundle.seal), "missing", false],
    [changed((bundle) => (bundle.checkpoint = bundle.checkpoint.replace("\n3\n", "\n4\n"))), "invalid_signature", false],
    [changed((bundle) => (bundle.seal.index = "1")), "malformed", true],
    [changed((bundle) => (bundle.rows[0].row.status = 404)), "mismatch", true],
    [changed((bundle) => (bundle.rows = [])), "incomplete", true],
  ]
  for (const [text, code, opened] of cases) {
    const checked = await check(text, keys)
    t.regex(checked.reason ?? "", new RegExp(`^${code}: \\S`), text.slice(0, 80))
    t.deepEqual({ ...checked, reason: "", checkpoint: checked.checkpoint !== null }, {
      ok: false,
      covers: null,
      form: null,
      rows: [],
      checkpoint: opened,
      reason: "",
    })
  }
  t.regex((await check(bundle, [])).reason ?? "", /^unknown_signer: /)
})

onEachEngine("a key that cannot be read is refused as an option", async (t, scene) => {
  const { bundle } = await bundleOf(scene)
  const error = await checkBundle(bundle, ["no key"])
  t.like(error as Binding.BindingError, { code: "INVALID_OPTION", key: "verifierKeys" })
})
