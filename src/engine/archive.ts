/** A folder's whole log, read without an engine and without the signing key. */

import { binding, value } from "./native.js"

/** Is told how many leaves are done, of how many; now and then, and in the end. */
export type Progress = (done: number, total: number) => void

/** What an export wrote: the log's state, the number of files written, and their bytes. */
export interface Exported {
  origin: string
  size: string
  root: string
  files: number
  bytes: number
}

/** A row's proof: the text of a `.tlog-proof` file, and the leaf in base64. */
export interface LeafProof {
  file: string
  leaf: string
}

/** What an audit is made with: an older checkpoint's note that the log must extend, and the keys that may have signed it. */
export interface AuditOptions {
  since: string | null
  keys: readonly string[]
}

/** The kinds of findings. */
export type FindingCode =
  | "row_changed"
  | "row_missing"
  | "row_without_leaf"
  | "leaf_changed"
  | "leaf_missing"
  | "tile_changed"
  | "seal_wrong"
  | "map_wrong"
  | "checkpoint_invalid"
  | "commits_wrong"
  | "field_changed"
  | "fork"

/** One thing that is wrong with a log: which leaf and row it is about, where it is about one, and what differs. */
export interface Finding {
  code: FindingCode
  index: string | null
  rowSeq: string | null
  rowId: string | null
  message: string
}

/** What an audit found; at most 100 findings are listed. */
export interface AuditReport {
  ok: boolean
  origin: string
  size: string
  root: string
  rows: number
  seals: number
  keys: number
  since: { size: string; extends: boolean } | null
  findings: Finding[]
  findingsTotal: number
  elapsedMs: number
}

/** The empty path names no file on any system, and so no key. */
const NO_FILE = ""

/** `keys` say who may have signed. Only without any is the folder's signing key read, which the reader may have no right to. */
function options(keys: readonly string[], since: string | null): string {
  const keyFile = keys.length > 0 ? NO_FILE : (process.env["VOUCHSAFE_KEY_FILE"] ?? null)
  return JSON.stringify({ keys, keyFile, since })
}

/** Writes the log of `dir` as tlog-tiles into `out`: a new or empty folder, or an older export, which is extended. */
export async function exportLog(
  dir: string,
  out: string,
  progress: Progress | null = null,
  keys: readonly string[] = [],
): Promise<Exported> {
  return JSON.parse(value(await binding().exportLog(dir, out, options(keys, null), progress))) as Exported
}

/** The proof that a row is in the log; `ROW_NOT_FOUND` or `ROW_NOT_COMMITTED` where there is none. */
export async function proofFile(dir: string, rowId: string, keys: readonly string[] = []): Promise<LeafProof> {
  return JSON.parse(value(await binding().proofFile(dir, rowId, options(keys, null)))) as LeafProof
}

/** Replays the log of `dir` and says what is wrong with it. */
export async function auditLog(
  dir: string,
  { since, keys }: AuditOptions,
  progress: Progress | null = null,
): Promise<AuditReport> {
  return JSON.parse(value(await binding().auditLog(dir, options(keys, since), progress))) as AuditReport
}
