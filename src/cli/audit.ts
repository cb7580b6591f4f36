/** `vouchsafe audit`: is what is stored what was signed? */

import type { Command } from "commander"
import { auditLog, type AuditReport, type Finding } from "../engine/archive.js"
import { fact } from "./claim.js"
import { define, gather, runs, type Common } from "./command.js"
import { FAILED, FINE } from "./exit-codes.js"
import { readInput } from "./input.js"
import { keysFor } from "./keys.js"
import { write, type Page } from "./output.js"
import { withProgress } from "./progress.js"
import { table } from "./table.js"
import { milliseconds, times } from "./terminal.js"

interface AuditOptions extends Common {
  since?: string
  key?: string[]
}

/** Adds `audit`. */
export function addAudit(program: Command): void {
  const command = define(program, "audit", {
    summary: "replay the store and compare it with everything that was signed",
    more:
      "Finds changed and missing rows, leaves, tiles and map entries, and with --since a history that was replaced. " +
      "Exits with 2 where anything is found.",
    examples: ["audit", "audit --since checkpoint-of-last-week", "audit --json"],
  })
    .option("--since <file>", "an older checkpoint that this log must extend; - is stdin")
    .option("--key <vkey>", "trust this key; may be repeated", gather)
  runs(command, audit)
}

async function audit({ dir, json, since, key }: AuditOptions): Promise<number> {
  const keys = await keysFor({ dir, ...(key && { key }) })
  const note = since === undefined ? null : await readInput(since)
  const found = await withProgress("auditing", (report) => auditLog(dir, { since: note, keys }, report))
  write(json, found, (page) => describe(found, page))
  return found.ok ? FINE : FAILED
}

function describe(audit: AuditReport, page: Page): string {
  const { style } = page
  const { ok, since, findings, findingsTotal } = audit
  const unlisted = findingsTotal - findings.length
  return [
    ok ? style.good("✓ what is stored is what was signed") : style.bad(`✗ ${times(findingsTotal, "finding")}`),
    fact("log", audit.origin, page),
    fact("size", times(Number(audit.size), "leaf", "leaves"), page),
    fact("root", audit.root, page),
    fact(
      "replayed",
      `${times(Number(audit.rows), "row")}, ${times(Number(audit.seals), "seal")}, ${times(Number(audit.keys), "key")}, ` +
        milliseconds(audit.elapsedMs),
      page,
    ),
    ...(since
      ? [fact("since", `${since.extends ? "extends" : "does not extend"} the checkpoint of size ${since.size}`, page)]
      : []),
    ...(findings.length > 0 ? ["", table(COLUMNS, findings, page.width, style, ({ message }) => message)] : []),
    ...(unlisted > 0 ? [`… and ${times(unlisted, "more finding")}`] : []),
  ].join("\n")
}

const COLUMNS = [
  { title: "finding", text: ({ code }: Finding) => code },
  { title: "leaf", text: ({ index }: Finding) => index ?? "", align: "right" as const, spare: 1 },
  { title: "row", text: ({ rowSeq }: Finding) => rowSeq ?? "", align: "right" as const, spare: 2 },
  { title: "row id", text: ({ rowId }: Finding) => rowId ?? "", spare: 3 },
]
