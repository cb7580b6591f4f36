/** `vouchsafe export`: the log as files that other software reads. */

import type { Command } from "commander"
import { exportLog } from "../engine/archive.js"
import { fact } from "./claim.js"
import { define, gather, runs, type Common } from "./command.js"
import { FINE } from "./exit-codes.js"
import { checkKeys } from "./keys.js"
import { write } from "./output.js"
import { withProgress } from "./progress.js"
import { needStore } from "./store.js"
import { bytes, times } from "./terminal.js"

interface ExportOptions extends Common {
  key?: string[]
}

/** Adds `export`. */
export function addExport(program: Command): void {
  const command = define(program, "export", {
    summary: "write the log as tlog-tiles, with its entries",
    more: "Leaves, hashes and the signed checkpoint, as C2SP tlog-tiles; bodies are never part of it.",
    examples: ["export ./log", "export ./log --dir /var/lib/agent/.vouchsafe --json"],
  })
    .argument("<folder>", "where to; an earlier export there is brought up to date")
    .option("--key <vkey>", "trust this key instead of the folder's own; may be repeated", gather)
  runs(command, exportTo)
}

async function exportTo(out: string, { dir, json, key }: ExportOptions): Promise<number> {
  needStore(dir)
  await checkKeys(key ?? [])
  const exported = await withProgress("exporting", (report) => exportLog(dir, out, report, key))
  write(json, exported, (page) =>
    [
      `${times(exported.files, "file")} written, ${bytes(exported.bytes)}`,
      fact("log", exported.origin, page),
      fact("size", times(Number(exported.size), "leaf", "leaves"), page),
      fact("root", exported.root, page),
    ].join("\n"),
  )
  return FINE
}
