/** `vouchsafe key`: this log's key, and the keys that are trusted. */

import { existsSync, statSync } from "node:fs"
import { basename, dirname, resolve } from "node:path"
import type { Command } from "commander"
import { readKey, readVkey } from "../engine/folder.js"
import { trustFile } from "../verify/trust.js"
import { fact } from "./claim.js"
import { define, group, runs, type Common } from "./command.js"
import { CommandError } from "./error.js"
import { safe } from "./escape.js"
import { FINE } from "./exit-codes.js"
import { isEntry, readLines, replaceLines } from "./folder.js"
import { checkKeys, keyFileOf } from "./keys.js"
import { write } from "./output.js"
import { fold, times } from "./terminal.js"

/** Adds `key` and `key trust`. */
export function addKey(program: Command): void {
  const help = {
    summary: "print this log's key, or trust another's",
    more: "The last line is the vkey alone, which others check this log's proofs with.",
    examples: ["key", "key --dir /var/lib/agent/.vouchsafe | tail -1", "key trust 'vouchsafe.local/…+…'"],
  }
  const key = group(program, "key", help)
  runs(define(key, "show", help, { isDefault: true }).allowExcessArguments(), show)
  const trusting = define(key, "trust", {
    summary: "trust what this key signs, beside this log's own",
    more: "Kept in the file VOUCHSAFE_TRUSTED_KEYS where that is set, else in <dir>/trusted-keys, a key a line; take a key out by removing its line.",
    examples: ["key trust 'vouchsafe.local/…+…'"],
  }).argument("<vkey>", "the key, as its owner's `vouchsafe key` prints it")
  runs(trusting, trust)
}

async function show({ dir, json }: Common, { args, parent }: Command): Promise<number> {
  if (args.length > 0) parent!.error(`error: unknown command '${args[0]}'`)
  const file = keyFileOf(dir)
  if (!existsSync(file))
    throw new CommandError("KEY_NOT_FOUND", `${file} is not there: a store gets its key when it is first opened`)
  const { origin, vkey, size, elsewhere } = await readKey(dir, file)
  const mode = (statSync(file).mode & 0o777).toString(8).padStart(4, "0")
  write(json, { origin, file: resolve(file), mode, size, elsewhere, vkey }, (page) =>
    [
      fact("origin", origin, page),
      fact("file", resolve(file), page),
      fact("mode", mode, page),
      fact("log", size === null ? "nothing committed yet" : times(Number(size), "leaf", "leaves"), page),
      ...(elsewhere ? [fact("note", "new rows are committed to a log in Postgres or at a server, not with this key", page)] : []),
      "",
      vkey,
    ].join("\n"),
  )
  return FINE
}

async function trust(vkey: string, { dir, json }: Common): Promise<number> {
  await checkKeys([vkey])
  const origin = await readVkey(vkey)
  const file = trustFile(dir)
  const isNamed = process.env["VOUCHSAFE_TRUSTED_KEYS"] !== undefined
  const lines = readLines(dirname(file), basename(file))
  const keys = lines.filter(isEntry).map((line) => line.trim())
  const own = existsSync(keyFileOf(dir)) ? (await readKey(dir, keyFileOf(dir))).vkey : null
  // With this file only its keys count, so that the own one has to be in it before another is.
  const keepsOwn = keys.length === 0 && own !== null && own !== vkey
  const isNew = !keys.includes(vkey)
  if (isNew) replaceLines(dirname(file), basename(file), [...lines, ...(keepsOwn ? [own] : []), vkey])
  const trusted = [...keys, ...(isNew && keepsOwn ? [own] : []), ...(isNew ? [vkey] : [])]
  write(json, { origin, vkey, added: isNew, trusted }, ({ width }) =>
    [
      `${origin} ${isNew ? "is trusted now" : "was trusted already"}${isNamed ? `, in ${safe(file)}` : ""}.`,
      ...(isNew && keepsOwn ? ["This log's own key stays trusted: it is in the file too."] : []),
      ...(own === null
        ? ["This folder has no key of its own yet. Once it has one, trust that too: only the keys in the file count."]
        : []),
    ]
      .map((line) => fold(line, "", width))
      .join("\n"),
  )
  return FINE
}
