/** The newest leaves of the log, shown so that nothing but the checkpoint has to be believed. */

import type { Scan } from "./bundle.js"
import { equal } from "./bytes.js"
import type { OpenedCheckpoint } from "./checkpoint.js"
import { malformed, mismatch } from "./failure.js"
import { isRowLeaf, isSeal } from "./leaf.js"
import type { Query } from "./query.js"
import { rootOf, subtrees } from "./tree.js"

/** The leaves' bytes together are fewer. */
const MAX_BYTES = 65_536

/** Throws unless these are the log's last leaves, of a query whose answers a leaf names. */
export function checkScan({ frontier, leaves }: Scan, query: Query, { size, root }: OpenedCheckpoint): void {
  if (!("agent" in query)) throw malformed("a scan for a query that the leaves do not name")
  const begin = size - BigInt(leaves.length)
  if (leaves.length === 0 || begin < 0n) throw malformed("a scan of no leaves, or of more than the log has")
  if (leaves.reduce((sum, { length }) => sum + length, 0) >= MAX_BYTES) throw malformed("a scan of 64 KiB or more")
  if (!leaves.every((leaf) => isRowLeaf(leaf) || isSeal(leaf))) throw malformed("a scan with what is no leaf")
  if (frontier.length !== subtrees(begin)) throw malformed("a scan with the wrong number of subtrees before it")
  if (!equal(rootOf(begin, frontier, leaves), root)) throw mismatch("the scanned leaves")
}
