import test from "ava"
import { hex, utf8 } from "../../src/check/bytes.js"
import { openCheckpoint } from "../../src/check/checkpoint.js"
import { checkProofFile } from "../../src/check/index.js"
import { parseKeys } from "../../src/check/key.js"
import { type MapAnswer, verifyAnswer } from "../../src/check/map.js"
import { inclusionRoot, leafHash, nodeHash, rootOf } from "../../src/check/tree.js"
import { bytes, TLOG } from "./vectors.js"

test("hashes are those of RFC 6962", (t) => {
  const { empty_root, leaf_of_L123456, leaf_of_empty_string, node_of_N123_and_N456 } = TLOG.hash_kat
  t.is(hex(rootOf(0n, [], [])), empty_root!)
  t.is(hex(leafHash(utf8("L123456"))), leaf_of_L123456!)
  t.is(hex(leafHash(utf8(""))), leaf_of_empty_string!)
  t.is(hex(nodeHash(utf8("N123"), utf8("N456"))), node_of_N123_and_N456!)
})

test("every known tree has its root at every size, from leaves alone and from a frontier on", (t) => {
  for (const { leaves_hex, leaf_hashes, roots_by_size } of TLOG.trees) {
    const leaves = leaves_hex.map(bytes)
    t.deepEqual(leaves.map((leaf) => hex(leafHash(leaf))), leaf_hashes)
    for (const [size, root] of roots_by_size.entries()) {
      t.is(hex(rootOf(0n, [], leaves.slice(0, size))), root)
      if (size === 0) continue
      const whole = rootOf(0n, [], leaves.slice(0, 2 ** Math.floor(Math.log2(size))))
      const begin = BigInt(2 ** Math.floor(Math.log2(size)))
      t.is(hex(rootOf(begin, [whole], leaves.slice(Number(begin), size))), root)
    }
  }
})

test("every known inclusion proof is judged as known", (t) => {
  const cases = TLOG.trees.flatMap(({ inclusion }) => inclusion)
  t.is(cases.length, 989)
  for (const { desc, index, size, leaf_hash, root, proof, ok } of cases) {
    // A hash of another length is refused where the proof is read.
    const isRead = [leaf_hash, root, ...proof].every(({ length }) => length === 64) && index >= 0
    const holds = isRead && holdsFor(() => hex(inclusionRoot("", bytes(leaf_hash), BigInt(index), BigInt(size), proof.map(bytes))) === root)
    t.is(holds, ok, desc)
  }
})

test("every known checkpoint is judged as known", async (t) => {
  t.is(TLOG.checkpoints.length, 25)
  for (const { desc, vkey, origin, note, ok } of TLOG.checkpoints) {
    const opened = await openCheckpoint(note, parseKeys(vkey)).catch(() => null)
    t.is(opened?.text.origin === origin, ok, desc)
  }
})

test("a witness's signature counts beside the log's, and alone vouches for nothing", async (t) => {
  for (const { desc, vkey, note, ok } of TLOG.cosignatures_v1_ed25519) {
    const opens = async (...vkeys: string[]): Promise<boolean> =>
      openCheckpoint(note, parseKeys(vkeys)).then(() => true, () => false)
    t.is(await opens(TLOG.test_key.vkey, vkey), ok, desc)
    t.false(await opens(vkey))
  }
})

test("every known proof file is judged as known", async (t) => {
  t.is(TLOG.tlog_proofs.length, 17)
  for (const { desc, vkey, origin, leaf_hex, tlog_proof, ok } of TLOG.tlog_proofs) {
    const result = await checkProofFile(tlog_proof, bytes(leaf_hex), vkey)
    t.is(result.ok && result.checkpoint?.origin === origin, ok, desc)
    t.is(result.reason === null, result.ok)
    t.is(result.index, result.ok ? /^index (\d+)$/m.exec(tlog_proof)![1]! : null)
  }
})

test("a text that is no proof file is malformed", async (t) => {
  const texts = ["", "\n\n", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nindex 01\n\nx", "index 1\n\nx"]
  for (const text of texts) {
    const { ok, reason } = await checkProofFile(text, new Uint8Array(), TLOG.test_key.vkey)
    t.deepEqual([ok, reason], [false, "malformed: not a tlog-proof file"], text)
  }
})

test("every known map proof is judged as known", (t) => {
  t.is(TLOG.map_mpt_torchwood.length, 64)
  for (const { desc, root, key, val, proof, ok } of TLOG.map_mpt_torchwood) {
    const answer = readAnswer(bytes(proof), val === null ? null : bytes(val))
    const holds = answer !== null && bytes(key).length === 32 && holdsFor(() => verifyAnswer(answer, bytes(root), bytes(key)))
    t.is(holds, ok, desc)
  }
})

/** Whether it neither throws nor says no. */
function holdsFor(check: () => unknown): boolean {
  try {
    return check() !== false
  } catch {
    return false
  }
}

/** Go's binary form: for an absent key the other leaf, then bit and sibling of each step; null where it is cut. */
function readAnswer(proof: Uint8Array, value: Uint8Array | null): MapAnswer | null {
  let rest = proof
  const take = (length: number): Uint8Array => {
    if (rest.length < length) throw new RangeError("cut")
    const taken = rest.subarray(0, length)
    rest = rest.subarray(length)
    return taken
  }
  const uvarint = (): number => {
    const [byte] = take(1)
    return byte! < 0x80 ? byte! : (byte! & 0x7f) + 0x80 * uvarint()
  }
  try {
    const other = value === null && rest.length > 0 ? { k: take(uvarint()), v: take(uvarint()) } : undefined
    if (other && other.k.length !== 32) return null
    const path: [number, Uint8Array][] = []
    while (rest.length > 0) path.push([uvarint(), take(32)])
    if (path.some(([bit]) => bit > 0xff)) return null
    return { value, path, ...(other ? { other } : {}) }
  } catch {
    return null
  }
}
