/** The database file of a store, read and changed behind the library's back while nobody has it open. */

import { join } from "node:path"
import sqlite from "node-sqlite3-wasm"

/** Runs a statement; how many rows it changed. */
export function change(dir: string, sql: string): number {
  return opened(dir, (database) => Number(database.run(sql).changes))
}

/** Runs a query. */
export function rows(dir: string, sql: string): Record<string, unknown>[] {
  return opened(dir, (database) => database.all(sql) as Record<string, unknown>[])
}

function opened<T>(dir: string, use: (database: InstanceType<typeof sqlite.Database>) => T): T {
  const database = new sqlite.Database(join(dir, "vouchsafe.db"))
  try {
    // This build of SQLite knows no shared memory, without which it opens a WAL database only for itself.
    database.exec("PRAGMA locking_mode = EXCLUSIVE")
    return use(database)
  } finally {
    database.close()
  }
}
