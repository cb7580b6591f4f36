/** `vouchsafe prune`: bodies beyond the limits go now. */

import type { Command } from "commander"
import { pruneStore } from "../engine/folder.js"
import { define, numberFrom, runs, type Common } from "./command.js"
import { FINE } from "./exit-codes.js"
import { write } from "./output.js"
import { needStore } from "./store.js"
import { bytes, fold, times } from "./terminal.js"

interface PruneOptions extends Common {
  days: number
  maxBytes: number
}

/** Adds `prune`. */
export function addPrune(program: Command): void {
  const command = define(program, "prune", {
    summary: "delete bodies beyond the limits now",
    more:
      "Headers and bodies go with the keys that could disclose them. Rows, leaves and proofs stay: a pruned row still proves " +
      "that it existed, and claims on it can no longer be verified. Without options the limits are those of start().",
    examples: ["prune", "prune --days 7", "prune --max-bytes 100000000"],
  })
    .option("--days <n>", "delete what is older than this", numberFrom(0, 36_500, false), 30)
    .option(
      "--max-bytes <n>",
      "delete the oldest while the database holds more",
      numberFrom(0, Number.MAX_SAFE_INTEGER, true),
      1024 ** 3,
    )
  runs(command, prune)
}

async function prune({ dir, json, days, maxBytes }: PruneOptions): Promise<number> {
  needStore(dir)
  const pruned = await pruneStore(dir, days, maxBytes)
  const { rows, bytesBefore, bytesAfter } = pruned
  write(json, pruned, ({ width }) => {
    const space = `the database held ${bytes(bytesBefore)} and holds ${bytes(bytesAfter)}`
    return fold(`${times(rows, "row")} pruned; ${space}. Rows, leaves and proofs stayed.`, "", width)
  })
  return FINE
}
