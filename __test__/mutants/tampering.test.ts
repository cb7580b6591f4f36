import type { ExecutionContext } from "ava"
import { evaluateHandoff, type HandoffPayload, type Reason } from "../../index.js"
import { onEachEngine } from "../conformance/scene.js"
import { recorded, type Valid } from "./recorded.js"

type Json = Record<string, any>

/** The same claims' payloads: the one that is changed, and two whose parts are swapped in. */
interface Payloads {
  ours: Json
  /** Of the same log, at a later checkpoint. */
  later: Json
  /** Of another log of the same name. */
  other: Json
}

/** What is done, to which claim it is done, and what comes of it. */
type Case = [name: string, claim: number, edit: (payloads: Payloads) => void, reason: Reason, message: RegExp]

/** The claims of GROUPS.action. */
const [BY_SCAN, BY_MAP] = [0, 2]

const bundle = ({ proofs, claims }: Json, claim: number): Json => proofs[claims[claim].query_id]
const row = (payload: Json, claim: number): Json => bundle(payload, claim)["rows"].at(-1)

function flipped(base64: string, at = 0): string {
  const bytes = Buffer.from(base64, "base64")
  bytes[at]! ^= 1
  return bytes.toString("base64")
}

const CASES: Case[] = [
  ["no checkpoint", BY_MAP, ({ ours }) => delete ours["checkpoint"], "unverifiable", /^The payload has no checkpoint\.$/],
  ["a checkpoint that is none", BY_MAP, ({ ours }) => (ours["checkpoint"] = "log\n1\n"), "unverifiable", /^The checkpoint cannot be read: /],
  ["a signature changed", BY_MAP, ({ ours }) => (ours["checkpoint"] = ours["checkpoint"].replace(/.(?=..\n$)/, (old: string) => (old === "A" ? "B" : "A"))), "proof_invalid", /^The checkpoint is not what was signed: /],
  ["a size changed", BY_MAP, ({ ours }) => (ours["checkpoint"] = ours["checkpoint"].replace(/\n\d+\n/, "\n1\n")), "proof_invalid", /^The checkpoint is not what was signed: /],
  ["a later checkpoint", BY_MAP, ({ ours, later }) => (ours["checkpoint"] = later["checkpoint"]), "unverifiable", /^The payload's seal is not usable: the seal at \d+ is not the last leaf/],
  ["another log's checkpoint and seal", BY_MAP, ({ ours, other }) => Object.assign(ours, { checkpoint: other["checkpoint"], seal: other["seal"] }), "unverifiable", /^The checkpoint is signed by mutants\.example\/log\+[0-9a-f]{8}, which is not among the trusted keys/],
  ["no seal", BY_MAP, ({ ours }) => delete ours["seal"], "unverifiable", /^The payload's seal is missing or malformed\.$/],
  ["a seal changed", BY_MAP, ({ ours }) => (ours["seal"].leaf = flipped(ours["seal"].leaf, 40)), "unverifiable", /^The payload's seal is not usable: the seal does not match the signed log/],
  ["a seal's proof cut", BY_MAP, ({ ours }) => ours["seal"].proof.pop(), "unverifiable", /^The payload's seal is not usable: the seal: /],
  ["a later checkpoint and seal", BY_MAP, ({ ours, later }) => Object.assign(ours, { checkpoint: later["checkpoint"], seal: later["seal"] }), "unverifiable", /^The proof cannot be used: row [0-9a-f-]{36}: /],
  ["no proof", BY_MAP, ({ ours }) => (ours["proofs"] = {}), "unverifiable", /^The payload has no proof for this claim\.$/],
  ["a proof that is none", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["v"] = 2), "unverifiable", /^The proof cannot be read: bundle version 2 is not 1/],
  ["a key too many in one", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["more"] = 1), "unverifiable", /^The proof cannot be read: unknown field `more`/],
  ["another claim's proof", BY_MAP, ({ ours }) => (ours["claims"][BY_MAP].query_id = ours["claims"][BY_SCAN].query_id), "unverifiable", /^The proof answers another query than this claim asks\.$/],
  ["no word which proof", BY_MAP, ({ ours }) => delete ours["claims"][BY_MAP].query_id, "unverifiable", /^The payload does not say which query answers this claim\.$/],
  ["another query", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["query"].run = "r2"), "unverifiable", /^The proof answers another query than this claim asks\.$/],
  ["another run", BY_MAP, ({ ours }) => (ours["run_id"] = "r2"), "unverifiable", /^The proof answers another query than this claim asks\.$/],
  ["the later proof", BY_MAP, ({ ours, later }) => Object.assign(bundle(ours, BY_MAP), bundle(later, BY_MAP)), "unverifiable", /^The proof cannot be used: row [0-9a-f-]{36}: the proof has the wrong number of hashes\.$/],
  ["another log's proof", BY_MAP, ({ ours, other }) => Object.assign(bundle(ours, BY_MAP), bundle(other, BY_MAP)), "unverifiable", /^The proof cannot be used: row [0-9a-f-]{36}: the proof has the wrong number of hashes\.$/],
  ["another log's row", BY_MAP, ({ ours, other }) => (row(ours, BY_MAP)["row"] = row(other, BY_MAP)["row"]), "proof_invalid", /^The evidence is not what was committed: row /],
  ["another log's body", BY_MAP, ({ ours, other }) => (row(ours, BY_MAP)["fields"] = row(other, BY_MAP)["fields"]), "proof_invalid", /^The evidence is not what was committed: the response of row /],
  ["no row", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["rows"] = []), "unverifiable", /^The proof cannot be used: the map has an answer, and the proof has no rows\.$/],
  ["no row", BY_SCAN, ({ ours }) => (bundle(ours, BY_SCAN)["rows"] = []), "unverifiable", /^The proof cannot be used: the scan does not reach back to the first leaf\.$/],
  ["a row twice", BY_MAP, ({ ours }) => bundle(ours, BY_MAP)["rows"].push(row(ours, BY_MAP)), "unverifiable", /^The proof cannot be used: the rows are not in the order of the log\.$/],
  ["another claim's row", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["rows"] = bundle(ours, BY_SCAN)["rows"]), "unverifiable", /^The proof cannot be used: row [0-9a-f-]{36} is no answer to the query\.$/],
  ["a row changed", BY_MAP, ({ ours }) => (row(ours, BY_MAP)["row"].status = 201), "proof_invalid", /^The evidence is not what was committed: row [0-9a-f-]{36} does not match the signed log\.$/],
  ["a row's key missing", BY_MAP, ({ ours }) => delete row(ours, BY_MAP)["row"].status, "unverifiable", /^The proof cannot be read: missing field `status`/],
  ["a row's place changed", BY_MAP, ({ ours }) => (row(ours, BY_MAP)["row_seq"] = "7"), "proof_invalid", /^The evidence is not what was committed: row /],
  ["a row's age changed", BY_MAP, ({ ours }) => (row(ours, BY_MAP)["time_us"] = "7"), "proof_invalid", /^The evidence is not what was committed: row /],
  ["a row's proof changed", BY_MAP, ({ ours }) => (row(ours, BY_MAP)["proof"][0] = flipped(row(ours, BY_MAP)["proof"][0])), "proof_invalid", /^The evidence is not what was committed: row /],
  ["a row's proof cut", BY_MAP, ({ ours }) => row(ours, BY_MAP)["proof"].pop(), "unverifiable", /^The proof cannot be used: row [0-9a-f-]{36}: /],
  ["a body changed", BY_MAP, ({ ours }) => (row(ours, BY_MAP)["fields"].response.bytes = flipped(row(ours, BY_MAP)["fields"].response.bytes)), "proof_invalid", /^The evidence is not what was committed: the response of row [0-9a-f-]{36} does not match the signed log\.$/],
  ["a URL's key changed", BY_MAP, ({ ours }) => (row(ours, BY_MAP)["fields"].url.key = flipped(row(ours, BY_MAP)["fields"].url.key)), "proof_invalid", /^The evidence is not what was committed: the url of row /],
  ["a body withheld", BY_MAP, ({ ours }) => delete row(ours, BY_MAP)["fields"].response, "unverifiable", /: it is not disclosed \(withheld, or deleted by retention\)\.$/],
  ["headers withheld", BY_MAP, ({ ours }) => delete row(ours, BY_MAP)["fields"].response_headers, "unverifiable", /: it is read by its content type, which is not disclosed/],
  ["no map", BY_MAP, ({ ours }) => delete bundle(ours, BY_MAP)["map"], "unverifiable", /^The proof does not show that no later exchange answers the claim\.$/],
  ["a map's value changed", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["map"].value = flipped(bundle(ours, BY_MAP)["map"].value)), "proof_invalid", /^The evidence is not what was committed: the map's answer does not match the signed log\.$/],
  ["a map's path changed", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["map"].path[0][1] = flipped(bundle(ours, BY_MAP)["map"].path[0][1])), "proof_invalid", /^The evidence is not what was committed: the map's answer /],
  ["a map's path backwards", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["map"].path = bundle(ours, BY_MAP)["map"].path.toReversed()), "unverifiable", /^The proof cannot be used: the map's answer: /],
  ["a map and a scan", BY_MAP, ({ ours }) => (bundle(ours, BY_MAP)["scan"] = bundle(ours, BY_SCAN)["scan"]), "unverifiable", /^The proof cannot be used: both a map's answer and a scan\.$/],
  ["a scan in the map's place", BY_MAP, ({ ours }) => { delete bundle(ours, BY_MAP)["map"]; bundle(ours, BY_MAP)["scan"] = bundle(ours, BY_SCAN)["scan"] }, "unverifiable", /^The proof cannot be used: the scan does not reach back to the newest row\.$/],
  ["no scan", BY_SCAN, ({ ours }) => delete bundle(ours, BY_SCAN)["scan"], "unverifiable", /^The proof does not show that no later exchange answers the claim\.$/],
  ["a scanned leaf changed", BY_SCAN, ({ ours }) => (bundle(ours, BY_SCAN)["scan"].leaves[0] = flipped(bundle(ours, BY_SCAN)["scan"].leaves[0], 20)), "proof_invalid", /^The evidence is not what was committed: the scan of the newest leaves does not match the signed log\.$/],
  ["no scanned leaf", BY_SCAN, ({ ours }) => (bundle(ours, BY_SCAN)["scan"].leaves = []), "unverifiable", /^The proof cannot be used: a scan of no leaves, or too many\.$/],
  ["a scanned leaf that is none", BY_SCAN, ({ ours }) => (bundle(ours, BY_SCAN)["scan"].leaves[0] = "AAAA"), "unverifiable", /^The proof cannot be used: a scanned leaf that is neither a row's nor a seal\.$/],
  ["a scan's frontier cut", BY_SCAN, ({ ours }) => bundle(ours, BY_SCAN)["scan"].frontier.pop(), "unverifiable", /^The proof cannot be used: a scan with more or fewer subtrees before it than there are\.$/],
]

const NOT_EXTENDED = "^The checkpoint is not shown to extend the one given as `after`: "

const OF_CONSISTENCY: Case[] = [
  ["no consistency", 0, ({ ours }) => delete ours["consistency"], "unverifiable", RegExp(`${NOT_EXTENDED}the payload has no consistency proof for it`)],
  ["of another size", 0, ({ ours }) => (ours["consistency"].size = "1"), "unverifiable", RegExp(`${NOT_EXTENDED}the payload has no consistency proof for it`)],
  ["a hash changed", 0, ({ ours }) => (ours["consistency"].proof[0] = flipped(ours["consistency"].proof[0])), "unverifiable", RegExp(`${NOT_EXTENDED}.*root`)],
  ["a hash left out", 0, ({ ours }) => ours["consistency"].proof.pop(), "unverifiable", RegExp(`${NOT_EXTENDED}.*number of hashes`)],
  ["a hash that is none", 0, ({ ours }) => (ours["consistency"].proof[0] = "A"), "unverifiable", RegExp(`${NOT_EXTENDED}a hash is no base64`)],
]

const OF_ABSENCE: Case[] = [
  ["no map", 0, ({ ours }) => delete bundle(ours, 0)["map"], "unverifiable", /^The proof does not show that there is no such exchange\.$/],
  ["another answer of the map", 0, ({ ours }) => (bundle(ours, 0)["map"] = bundle(ours, 1)["map"]), "unverifiable", /^The proof cannot be used: the map's answer: the lookup does not reach the other leaf\.$/],
  ["a row", 0, ({ ours }) => (bundle(ours, 0)["rows"] = bundle(ours, 5)["rows"]), "unverifiable", /^The proof cannot be used: row [0-9a-f-]{36} is no answer to the query\.$/],
  ["no circumstances", 0, ({ ours }) => delete ours["circumstances"], "unverifiable", /the recorder was not watching all the while/],
]

async function judged(t: ExecutionContext, cases: Case[], name: string, all: Valid[]): Promise<void> {
  const of = (when: string): Valid | undefined => all.find((valid) => valid.name === `${name} (${when})`)
  const valid = of("first") ?? of("extended")!
  const options = { ...valid.options, verifierKeys: valid.options.verifierKeys!.slice(0, 1) }
  for (const [what, at, edit, reason, message] of cases) {
    const [ours, later, other] = [valid, of("later"), of("other")].map((one) => structuredClone(one?.payload) as Json)
    edit({ ours: ours!, later: later!, other: other! })
    const claim = (await evaluateHandoff(ours as HandoffPayload, options)).claims[at]!
    t.is(claim.reason, reason, `${what}: ${claim.message}`)
    t.regex(claim.message, message, what)
    t.not(valid.verdict.claims[at]!.reason, reason)
    t.is(claim.actual, null, what)
  }
}

onEachEngine("each kind of tampering with a payload has its own reason and says so", async (t, scene) => {
  const { small } = await recorded(scene)
  await judged(t, CASES, "action", small)
  await judged(t, OF_CONSISTENCY, "call", small.filter(({ name }) => name.endsWith("(extended)")))
  await judged(t, OF_ABSENCE, "absent", small)
})
