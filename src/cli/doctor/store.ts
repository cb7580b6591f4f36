/** Is the database sound, and who has it open? */

import type { StoreFacts } from "../../engine/folder.js"
import { bytes, times } from "../terminal.js"
import { broken, ok, warning, type Finding } from "./finding.js"

/** A write-ahead log of this size is not being copied back: some reader never ends. */
const LARGE_WAL = 256 * 1024 ** 2

export function checkStore(facts: StoreFacts): Finding[] {
  return [checkDatabase(facts), ...checkLog(facts), checkWal(facts), checkHolders(facts)]
}

function checkDatabase({
  format,
  knownFormat,
  complaints,
  rows,
  wholeRows,
  databaseBytes,
  checkpoint,
}: StoreFacts): Finding {
  if (format !== knownFormat) {
    const what =
      format === null ? "does not say its format" : `has format ${format}, this version reads format ${knownFormat}`
    return broken("store", `the store ${what}`, "use the version that wrote it, or start a new folder")
  }
  if (complaints.length > 0) {
    return broken(
      "store",
      `the database is damaged: ${complaints.join("; ")}`,
      "restore the folder from a backup, or keep it as evidence and start a new one",
    )
  }
  const log = checkpoint ? times(Number(checkpoint.size), "leaf", "leaves") : "nothing committed yet"
  return ok(
    "store",
    `${times(rows, "row")} (${wholeRows.toLocaleString("en")} with bodies), ${log}, ${bytes(databaseBytes)}`,
  )
}

function checkLog({ shippedRows, rows }: StoreFacts): Finding[] {
  if (shippedRows === null) return []
  const copied = `${shippedRows.toLocaleString("en")} of ${times(rows, "row")}`
  return [ok("log", `${copied} copied to Postgres, where they are committed: this folder's own key does not sign them`)]
}

function checkWal({ walBytes }: StoreFacts): Finding {
  if (walBytes <= LARGE_WAL) return ok("wal", `${bytes(walBytes)} not yet copied into the database`)
  return warning(
    "wal",
    `${bytes(walBytes)} are not copied into the database`,
    "end the processes that have the folder open; the last one to close copies it",
  )
}

function checkHolders({ holders }: StoreFacts): Finding {
  const dead = holders.filter(({ alive }) => !alive)
  const alive = holders.filter(({ alive }) => alive)
  const names = (of: typeof holders): string =>
    of.map(({ pid, engine, mode }) => `${pid} (${engine}, ${mode})`).join(", ")
  if (dead.length > 0) {
    return warning(
      "open by",
      `ended without closing the store: process ${names(dead)}`,
      "nothing to do: the next start takes the entry out; what had been acknowledged is there",
    )
  }
  return ok("open by", alive.length === 0 ? "no process" : `process ${names(alive)}`)
}
