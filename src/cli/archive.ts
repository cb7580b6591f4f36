/** Where export, proof and audit get at the log. */

/** A finding of an audit. */
export interface Finding {
  code: string
  index: string | null
  rowSeq: string | null
  rowId: string | null
  message: string
}

/** What an audit found; at most 100 findings are listed, `findingsTotal` counts all. */
export interface Audit {
  ok: boolean
  origin: string
  size: string
  root: string
  rows: number | string
  seals: number | string
  keys: number | string
  since: { size: string; extends: boolean } | null
  findings: Finding[]
  findingsTotal: number
  elapsedMs: number
}

/** What an export wrote. */
export interface Exported {
  origin: string
  size: string
  root: string
  files: number
  bytes: number
}

type Progress = (done: number, total: number) => void

interface Archive {
  exportLog(dir: string, out: string, progress: Progress): Promise<Exported>
  /** The `.tlog-proof`'s text, and the row's leaf in base64. */
  proofFile(dir: string, rowId: string): Promise<{ file: string; leaf: string }>
  auditLog(dir: string, options: { since: string | null; keys: string[] }, progress: Progress): Promise<Audit>
}

/** The functions; loaded when a command needs them. */
export async function archive(): Promise<Archive> {
  const module = "../engine/archive.js"
  return (await import(module)) as Archive
}
