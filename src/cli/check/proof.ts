/** A bundle or a `.tlog-proof`: proven, or the reason why not. */

import { checkProof, checkProofFile, type CheckResult } from "../../check/index.js"
import type { CheckOptions } from "../check.js"
import { fact } from "../claim.js"
import { safe } from "../escape.js"
import { FAILED, FINE } from "../exit-codes.js"
import { write, type Page } from "../output.js"
import { fold, times } from "../terminal.js"
import { describeCovers, limitsOf } from "./covers.js"
import { leafFor } from "./leaf.js"

type Checked = Pick<CheckResult, "ok" | "checkpoint" | "reason">

/** Checks a bundle. */
export async function checkBundle(text: string, keys: string[], json: boolean | undefined): Promise<number> {
  const checked = await checkProof(text, keys)
  write(json, { ...checked, rows: checked.rows.map(withText) }, (page) => {
    const { covers, form, rows } = checked
    return describe(checked, page, [
      ...(covers === null ? [] : describeCovers(covers, form, limitsOf(form), page)),
      ...rows.map(({ index, row }) => fact("row", `${row.id} at leaf ${index}, ${row.action_name}`, page)),
    ])
  })
  return checked.ok ? FINE : FAILED
}

/** Checks a proof file for the leaf that was named. */
export async function checkTlogProof(text: string, keys: string[], options: CheckOptions): Promise<number> {
  const leaf = await leafFor(options, keys)
  const checked = await checkProofFile(text, leaf, keys)
  write(options.json, checked, (page) =>
    describe(checked, page, checked.index === null ? [] : [fact("leaf", checked.index, page)]),
  )
  return checked.ok ? FINE : FAILED
}

function withText({ fields, ...row }: CheckResult["rows"][number]) {
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
