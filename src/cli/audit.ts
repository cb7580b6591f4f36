/** `vouchsafe audit`: is what is stored what was signed? */

import type { Command } from "commander"
import { auditLog, type AuditReport, type Finding } from "../engine/archive.js"
import { InvalidOptionError } from "../errors.js"
import { noteIn } from "../pin.js"
import { fact } from "./claim.js"
import { define, gather, runs, type Common } from "./command.js"
import { CommandError } from "./error.js"
import { FAILED, FINE } from "./exit-codes.js"
import { readInput } from "./input.js"
import { keysFor } from "./keys.js"
import { write, type Page } from "./output.js"
import { withProgress } from "./progress.js"
import { needStore } from "./store.js"
import { table } from "./table.js"
import { fold, milliseconds, times } from "./terminal.js"

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
    .option("--since <file>", "an older checkpoint that this log must extend, its note or its JSON; - is stdin")
    .option("--key <vkey>", "trust this key, and not the folder's own; may be repeated", gather)
  runs(command, audit)
}

async function audit({ dir, json, since, key }: AuditOptions): Promise<number> {
  needStore(dir)
  const keys = await keysFor({ dir, ...(key && { key }) })
  const note = since === undefined ? null : await checkpointIn(since)
  const found = await withProgress("auditing", (report) => auditLog(dir, { since: note, keys }, report)).catch(
    (error: unknown) => {
      if (since === undefined || !(error instanceof InvalidOptionError && error.key === "since")) throw error
      throw new CommandError("INVALID_OPTION", `${since} holds no checkpoint of this log: ${error.message}`)
    },
  )
  write(json, found, (page) => describe(found, page))
  return found.ok ? FINE : FAILED
}

async function checkpointIn(file: string): Promise<string> {
  const text = await readInput(file)
  try {
    return noteIn(text)
  } catch (error) {
    throw new CommandError("FILE", `${file} holds no checkpoint: ${(error as Error).message}`)
  }
}

function describe(audit: AuditReport, page: Page): string {
  const { style } = page
  const { ok, since, findings, findingsTotal } = audit
  const unlisted = findingsTotal - findings.length
  return [
    ok
      ? style.good(fold("✓ what is stored is what was signed", "", page.width))
      : style.bad(`✗ ${times(findingsTotal, "finding")}`),
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
