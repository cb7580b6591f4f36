/** Is the row that is shown still the one that was signed? */

import { proofFile } from "../../engine/archive.js"
import { VouchsafeError } from "../../errors.js"
import type { ShownTrace } from "../../engine/folder.js"
import { CommandError } from "../error.js"
import { keysFor } from "../keys.js"

/** What the log says of a row. It is about the row's columns alone: `audit` compares url, headers and bodies. */
export interface Signed {
  /** Null where it cannot be told. */
  ok: boolean | null
  message: string
}

/** What the log says of each row of a trace, by the row's id. */
export async function signedRows(dir: string, { claims }: ShownTrace): Promise<Map<string, Signed>> {
  const rows = new Set(claims.flatMap(({ exchange }) => exchange?.id ?? []))
  const found = new Map<string, Signed>()
  for (const row of rows) found.set(row, await signed(dir, row))
  return found
}

async function signed(dir: string, row: string): Promise<Signed> {
  try {
    const { file } = await proofFile(dir, row, await keysFor({ dir }))
    const leaf = /^index (\d+)$/m.exec(file)?.[1]
    const rest = "url, headers and bodies are shown as stored now, which `vouchsafe audit` checks"
    return { ok: true, message: `the row is as signed, leaf ${leaf}; ${rest}` }
  } catch (error) {
    if (!(error instanceof VouchsafeError || error instanceof CommandError)) throw error
    if (error.code === "STORE_CORRUPT") {
      return { ok: false, message: `not proven to be what was signed: ${error.message}` }
    }
    const why = error.code === "ROW_NOT_COMMITTED" ? "not committed yet" : `not checked: ${error.message}`
    return { ok: null, message: `shown as stored now, ${why}` }
  }
}
