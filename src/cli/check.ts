/** `vouchsafe check`: a payload, a bundle or a `.tlog-proof`, checked with keys alone. */

import type { Command } from "commander"
import { checkBundle, checkTlogProof } from "./check/proof.js"
import { checkPayload } from "./check/payload.js"
import { define, gather, runs } from "./command.js"
import { UsageError } from "./error.js"
import { readInput } from "./input.js"
import { isRowId } from "./check/leaf.js"
import { keysFor, type KeyOptions } from "./keys.js"
import { needStore } from "./store.js"

/** Options of `check`. */
export interface CheckOptions extends KeyOptions {
  json?: boolean
  row?: string
  leaf?: string
}

const PROOF_FILE = "c2sp.org/tlog-proof@"

/** Adds `check`. */
export function addCheck(program: Command): void {
  const command = define(program, "check", {
    summary: "check a payload, a bundle or a .tlog-proof with keys alone",
    more:
      "A payload's claims are judged and its exit code is the verdict's; a bundle or a .tlog-proof is proven or is not. " +
      "Without --key or --keys the keys of `vouchsafe key trust` count (or of the file " +
      "VOUCHSAFE_TRUSTED_KEYS), else this folder's own.",
    examples: [
      "check payload.json --key 'vouchsafe.local/…+…'",
      "check - < payload.json",
      "check row.tlog-proof --leaf BASE64 --key 'vouchsafe.local/…+…'",
      "check row.tlog-proof --row 0197f6a2-4c1e-7b3d-8d52-0a8f6e1c9b47",
    ],
  })
    .argument("<file>", "the file; - is stdin")
    .option("--key <vkey>", "trust this key; may be repeated", gather)
    .option("--keys <file>", "trust the keys of this file, one a line")
    .option("--leaf <base64>", "the leaf that a .tlog-proof is about")
    .option("--row <id|file>", "the row that it is about: its id in this folder's store, or with --leaf its JSON")
  runs(command, check)
}

async function check(file: string, options: CheckOptions): Promise<number> {
  const text = await readInput(file)
  const isProof = text.startsWith(PROOF_FILE)
  if (!isProof && (options.row ?? options.leaf) !== undefined) {
    throw new UsageError("--row and --leaf are for a .tlog-proof, which does not say what it is about")
  }
  if (isProof && options.row !== undefined && isRowId(options.row)) needStore(options.dir)
  const keys = await keysFor(options)
  if (isProof) return checkTlogProof(text, keys, options)
  return isBundle(text) ? checkBundle(text, keys, options.json) : checkPayload(text, keys, options.json)
}

/** Whether a JSON text is a bundle; what is none of both is left to the reader of payloads, which says so. */
function isBundle(text: string): boolean {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === "object" && value !== null && "v" in value && "query" in value
  } catch {
    return false
  }
}
