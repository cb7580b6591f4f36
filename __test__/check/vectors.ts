/** The known answers, which Rust is held against too. */

import { readFileSync } from "node:fs"

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../crates/ledger/tests/vectors/${file}`, import.meta.url), "utf8"))

interface Judged {
  desc: string
  ok: boolean
}

/** Trees, notes, proof files and maps, on which three other implementations agree. */
export const TLOG = read("tlog-vectors.json") as {
  hash_kat: Record<string, string>
  trees: {
    leaves_hex: string[]
    leaf_hashes: string[]
    roots_by_size: string[]
    inclusion: (Judged & { index: number; size: number; leaf_hash: string; root: string; proof: string[] })[]
  }[]
  test_key: { vkey: string; other_vkey: string }
  checkpoints: (Judged & { vkey: string; origin: string; note: string })[]
  tlog_proofs: (Judged & { vkey: string; origin: string; leaf_hex: string; tlog_proof: string })[]
  cosignatures_v1_ed25519: (Judged & { vkey: string; origin: string; note: string })[]
  map_mpt_torchwood: (Judged & { root: string; key: string; val: string | null; proof: string })[]
}

/** Canonical rows, leaves and seals. */
export const ROWS = read("rows.json") as {
  rows: {
    row_seq: number
    time_us: string
    fields: Record<string, string>
    field_keys: Record<string, string>
    row: Record<string, unknown>
    canonical: string
    row_hash: string
    leaf: string
    leaf_hash: string
    map_keys: Record<string, string>
  }[]
  seals: { map_root: string; leaf: string; leaf_hash: string }[]
  tags: { name: string; parts: string[]; tag: string }[]
}

export const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))
