/** A bundle or a `.tlog-proof`: proven, or the reason why not. */

import type { Checkpoint } from "../../verdict.js"
import type { CheckOptions } from "../check.js"
import { fact } from "../claim.js"
import { safe } from "../escape.js"
import { FAILED, FINE } from "../exit-codes.js"
import { write, type Page } from "../output.js"
import { fold, times } from "../terminal.js"
import { leafFor } from "./leaf.js"

/** What any check of a proof comes to. */
interface Checked {
  ok: boolean
  checkpoint: Checkpoint | null
  reason: string | null
}

interface CheckedBundle extends Checked {
  covers: "row" | "call" | "latest" | "absence" | null
  form: "map" | "scan" | null
  rows: { index: string; row: { id: string; action_name: string }; fields: Record<string, Uint8Array> }[]
}

interface CheckedProofFile extends Checked {
  index: string | null
}

interface Checks {
  checkProof(bundle: string, vkeys: string[]): Promise<CheckedBundle>
  checkProofFile(text: string, leaf: Uint8Array, vkeys: string[]): Promise<CheckedProofFile>
}

const COVERS = {
  row: "these rows are in the log; nothing is said of others",
  call: "these are all rows of the call",
  latest: "no later row answers the query",
  absence: "no row answers the query",
}

const FORMS = {
  map: "the log's map, as its signer built it",
  scan: "all leaves that could answer",
}

/** The checks, which need no engine; loaded when one is asked for. */
async function checks(): Promise<Checks> {
  const module = "../../check/index.js"
  return (await import(module)) as Checks
}

/** Checks a bundle. */
export async function checkBundle(text: string, keys: string[], json: boolean | undefined): Promise<number> {
  const { checkProof } = await checks()
  const checked = await checkProof(text, keys)
  write(json, { ...checked, rows: checked.rows.map(withText) }, (page) => {
    const { covers, form, rows } = checked
    return describe(checked, page, [
      ...(covers === null ? [] : [fact("covers", `${covers}: ${COVERS[covers]}`, page)]),
      ...(form === null ? [] : [fact("by", FORMS[form], page)]),
      ...rows.map(({ index, row }) => fact("row", `${row.id} at leaf ${index}, ${row.action_name}`, page)),
    ])
  })
  return checked.ok ? FINE : FAILED
}

/** Checks a proof file for the leaf that was named. */
export async function checkTlogProof(text: string, keys: string[], options: CheckOptions): Promise<number> {
  const leaf = await leafFor(options)
  const { checkProofFile } = await checks()
  const checked = await checkProofFile(text, leaf, keys)
  write(options.json, checked, (page) =>
    describe(checked, page, checked.index === null ? [] : [fact("leaf", checked.index, page)]),
  )
  return checked.ok ? FINE : FAILED
}

function withText({ fields, ...row }: CheckedBundle["rows"][number]) {
  const texts = Object.entries(fields).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")])
  return { ...row, fields: Object.fromEntries(texts) as Record<string, string> }
}

function describe({ ok, checkpoint, reason }: Checked, page: Page, facts: string[]): string {
  const { style, width } = page
  return [
    ok ? style.good("✓ proven") : style.bad("✗ not proven"),
    ...(reason === null ? [] : [fold(safe(reason), "    ", width)]),
    ...facts,
    ...(checkpoint
      ? [fact("log", `${checkpoint.origin}, ${times(Number(checkpoint.size), "leaf", "leaves")}`, page)]
      : []),
  ].join("\n")
}
