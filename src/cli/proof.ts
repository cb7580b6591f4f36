/** `vouchsafe proof`: the proof that a row is in the log, as a file of its own. */

import type { Command } from "commander"
import { proofFile } from "../engine/archive.js"
import { define, gather, runs, type Common } from "./command.js"
import { FINE } from "./exit-codes.js"
import { writeOutput } from "./input.js"
import { checkKeys } from "./keys.js"
import { write } from "./output.js"
import { needStore } from "./store.js"

interface ProofOptions extends Common {
  output?: string
  key?: string[]
}

/** Adds `proof`. */
export function addProof(program: Command): void {
  const command = define(program, "proof", {
    summary: "write the proof that a row is in the log",
    more:
      "A C2SP .tlog-proof. It does not say what it is about: whoever checks it needs the row's leaf too, which is " +
      "printed where the proof goes into a file, and is in the JSON.",
    examples: ["proof 0197f6a2-4c1e-7b3d-8d52-0a8f6e1c9b47 -o row.tlog-proof", "check row.tlog-proof --leaf BASE64"],
  })
    .argument("<row>", "the row's id")
    .option("-o, --output <file>", "write the proof into this file instead of stdout")
    .option("--key <vkey>", "trust this key instead of the folder's own; may be repeated", gather)
  runs(command, proof)
}

async function proof(row: string, { dir, json, output, key }: ProofOptions): Promise<number> {
  needStore(dir)
  await checkKeys(key ?? [])
  const { file, leaf } = await proofFile(dir, row.toLowerCase(), key)
  if (output === undefined) {
    if (json) write(json, { file, leaf }, () => "")
    else process.stdout.write(file)
    return FINE
  }
  await writeOutput(output, file)
  write(json, { file, leaf }, () => leaf)
  return FINE
}
