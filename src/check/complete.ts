/** Whether the rows of a bundle are all that it has to show; everything in it has been checked against the log. */

import type { Bundle, BundleRow, Scan } from "./bundle.js"
import { equal, u64be } from "./bytes.js"
import { Failure, mismatch } from "./failure.js"
import { isOf } from "./leaf.js"
import { decodeValue } from "./map.js"
import type { Query } from "./query.js"
import type { Covers, Form } from "./result.js"
import { tag } from "./tag.js"
import { rootOf } from "./tree.js"

/** What the rows prove, and by what. */
export interface Completeness {
  covers: Covers
  form: Form | null
}

const incomplete = (what: string): Failure => new Failure("incomplete", what)

/** What a bundle of a log of `size` leaves proves; throws where it proves less than it must. */
export function completeness({ query, rows, map, scan }: Bundle, size: bigint): Completeness {
  if (map) return { covers: byMap(query, rows, map.value), form: "map" }
  if (scan) return { covers: byScan(query as Query & { agent: string }, rows, scan, size), form: "scan" }
  if (rows.length === 0) throw incomplete("the proof has no rows and shows no absence")
  return { covers: "row", form: null }
}

function byMap(query: Query, rows: readonly BundleRow[], value: Uint8Array | null): Covers {
  const last = rows.at(-1)
  if (!value) {
    if (last) throw mismatch(`the map, which leaves out row ${last.row.id},`)
    return "absence"
  }
  const { count, lastIndex, root } = decodeValue(value)
  if (!last) throw incomplete("the map lists rows, and none is here")
  if (last.index > lastIndex) throw mismatch(`the map, which leaves out row ${last.row.id},`)
  if (last.index < lastIndex) throw incomplete("a later exchange is left out")
  if (rows.length > count) throw mismatch("the map, which counts fewer rows,")
  if ("agent" in query || rows.length < count) return "latest"
  if (!equal(rootOf(0n, [], rows.map(({ index }) => u64be(index))), root)) throw mismatch("the map, which lists other rows,")
  return "call"
}

function byScan(query: { agent: string; action?: string }, rows: readonly BundleRow[], scan: Scan, size: bigint): Covers {
  const begin = size - BigInt(scan.leaves.length)
  const last = rows.at(-1)
  if (last ? last.index < begin : begin > 0n) throw incomplete("the scan does not reach back far enough")
  const agent = tag("agent", query.agent)
  const action = query.action === undefined ? null : tag("action", query.action)
  // A leaf knows neither its run nor its kind, so that whatever may answer has to be taken for an answer.
  const later = scan.leaves.slice(last ? Number(last.index - begin) + 1 : 0)
  if (later.some((leaf) => isOf(leaf, agent, action))) {
    throw incomplete(last ? "a later exchange may be left out" : "an exchange may be left out")
  }
  return last ? "latest" : "absence"
}
