/** What a check comes to. */

import { VouchsafeError } from "../../errors.js"

/** One line of the doctor's report. */
export interface Finding {
  check: string
  state: "ok" | "warning" | "broken"
  message: string
  /** What to do about it; null where nothing is to be done. */
  mend: string | null
}

export const ok = (check: string, message: string): Finding => ({ check, state: "ok", message, mend: null })

export const warning = (check: string, message: string, mend: string): Finding => ({
  check,
  state: "warning",
  message,
  mend,
})

export const broken = (check: string, message: string, mend: string): Finding => ({
  check,
  state: "broken",
  message,
  mend,
})

/** What the work gives, or what went wrong with it as a finding. */
export async function expected<T>(check: string, work: () => Promise<T>): Promise<T | Finding> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof VouchsafeError)) throw error
    return broken(check, error.message, MENDS[error.code as string] ?? "see docs/errors.md for what this error means")
  }
}

const MENDS: Record<string, string> = {
  STORE_NOT_FOUND: "name the folder that start() was given with --dir, or run the agent once",
  STORE_CORRUPT: "restore the folder from a backup, or keep it as evidence and start a new one",
  STORE_LOCKED: "wait until the other process is done, or end it",
  STORE_READ_ONLY: "give this user the right to read and write the folder",
  STORE_IO: "is the file a store of this version, and the disk sound?",
  KEY_UNUSABLE: "restore the key file from a backup: a log keeps the key that it began with",
}
