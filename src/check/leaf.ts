/** What the leaves of the log are: a row leaf for each row, and a seal at the end of each commit. */

import { concat, equal, u64be } from "./bytes.js"
import { type CanonicalRow, rowHash } from "./row.js"
import { tag } from "./tag.js"

const ROW_TYPE = 1
const ROW_LENGTH = 113
const SEAL_TYPE = 2
const SEAL_LENGTH = 65

/** `0x01 ‖ u64be row_seq ‖ u64be time_us ‖ agent ‖ action ‖ row_hash`. */
export function rowLeaf(row: CanonicalRow, rowSeq: bigint, timeUs: bigint): Uint8Array {
  const tags = [tag("agent", row.agent_id), tag("action", row.action_name)]
  return concat(Uint8Array.of(ROW_TYPE), u64be(rowSeq), u64be(timeUs), ...tags, rowHash(row))
}

export const isRowLeaf = (leaf: Uint8Array): boolean => leaf.length === ROW_LENGTH && leaf[0] === ROW_TYPE

/** Whether a leaf is a seal: `0x02 ‖ u64be first_index ‖ u64be rows ‖ u64be previous_seal_index ‖ map_root ‖ u64be time_us`. */
export const isSeal = (leaf: Uint8Array): boolean => leaf.length === SEAL_LENGTH && leaf[0] === SEAL_TYPE

/** The root of the map that a seal commits to. */
export const mapRoot = (seal: Uint8Array): Uint8Array => seal.subarray(25, 57)

/** Whether a leaf is that of a row of this agent and, where one is named, this action. */
export function isOf(leaf: Uint8Array, agent: Uint8Array, action: Uint8Array | null): boolean {
  return isRowLeaf(leaf) && equal(leaf.subarray(17, 49), agent) && (!action || equal(leaf.subarray(49, 81), action))
}
