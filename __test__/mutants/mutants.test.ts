import { performance } from "node:perf_hooks"
import { isDeepStrictEqual } from "node:util"
import { evaluateHandoff, InvalidPayloadError, type EvaluateHandoffOptions, type Verdict } from "../../index.js"
import { randomly } from "../conformance/mutations.js"
import { onEachEngine } from "../conformance/scene.js"
import { mutant, type Mutant } from "./mutate.js"
import { BOUND, recorded, type Recorded, type Valid } from "./recorded.js"
import { isSame } from "./truth.js"

/** How many mutants are tried, and from which seed on. */
const COUNT = Number(process.env["VOUCHSAFE_MUTANTS"] ?? 100_000)
const SEED = Number(process.env["VOUCHSAFE_MUTANTS_SEED"] ?? 1)
/** One in so many is of the payload with more than 256 exchanges, which takes long to read. */
const LARGE = 500
const AT_ONCE = 16
/** No evaluation takes longer, all that run at once taken together. */
const MOST_MS = 1_000 * AT_ONCE

/** The verdict, or null where the payload was refused as none. */
async function evaluate(payload: string, options: EvaluateHandoffOptions): Promise<Verdict | null> {
  try {
    return await evaluateHandoff(payload, options)
  } catch (error) {
    if (error instanceof InvalidPayloadError) return null
    throw error
  }
}

/** What a verdict on a mutant says that it must not. */
function* wrongs(verdict: Verdict, original: Verdict, changed: Mutant, payload: Read, of: Valid, { truth }: Recorded): Generator<string> {
  const { checkpoint, runId } = verdict
  if (checkpoint && !truth.has(checkpoint)) yield `a checkpoint that there is not: ${checkpoint.note}`
  const agent = payload.agent_id ?? "_default"
  for (const one of verdict.claims) {
    const before = original.claims.find(({ claim }) => isDeepStrictEqual(claim, one.claim))
    if (!before) continue
    const is = `${JSON.stringify(one.claim)} is ${one.outcome} (${one.reason}: ${one.message})`
    if (one.outcome === "PASS") {
      const isUnmoved = before.outcome === "PASS" && isSame(before, one)
      const isSo = checkpoint && truth.supports(one, checkpoint.root, agent, runId, of.options.scope === "store")
      if (!isUnmoved && !isSo) yield `${is}, it was ${before.reason}, ${JSON.stringify(before.actual)}`
    }
    // In the store's scope no row is proven to be the newest: another one of the payload may answer in its place.
    const isOlder = of.options.scope === "store" && one.evidence !== null && one.evidence.rowId !== before.evidence?.rowId
    if (changed.isLess && one.outcome === "CAUGHT" && one.reason !== before.reason && !isOlder) {
      yield `${is}, it was ${before.reason}, although parts were only taken out`
    }
  }
}

/** What of a payload says what its verdict is on. */
interface Read {
  agent_id?: string | null
  claims?: { claim?: unknown }[] | null
}

/** Whether all claims stand in our own form: without it the wire's counts, which compares as text. */
const isOurs = ({ claims }: Read): boolean => (claims ?? []).every((one) => (one?.claim ?? null) !== null)

/** What is wrong with the verdicts on a mutant: by the payload's claims and by the evaluator's own, half of them bound to a run. */
async function tried(of: Valid, changed: Mutant, isBound: boolean, all: Recorded): Promise<string[]> {
  const theirs = await evaluate(changed.text, of.options)
  const options = { ...of.options, claims: of.claims }
  const own = await evaluate(changed.text, isBound ? { ...options, runId: BOUND } : options)
  if (!own) return theirs ? ["a payload to one and none to the other"] : []
  const read = JSON.parse(changed.text) as Read
  const found = [
    ...(theirs && isOurs(read) ? wrongs(theirs, of.verdict, changed, read, of, all) : []),
    ...wrongs(own, isBound ? of.bound : of.verdict, changed, read, of, all),
  ]
  if (own.claims.length !== of.claims.length) found.push(`${own.claims.length} verdicts on own claims`)
  if (isBound && own.claims.some(({ outcome, evidence }) => outcome === "PASS" && evidence!.runId !== BOUND)) {
    found.push("a PASS by another run")
  }
  return found
}

onEachEngine("no random mutant of a payload says what is not so, and taking parts out accuses nobody", async (t, scene) => {
  t.timeout(600_000)
  const all = await recorded(scene)
  const texts = new Map([...all.small, ...all.large].map((valid) => [valid, JSON.stringify(valid.payload)]))
  const donors = all.small.map(({ payload }) => payload)
  let longest = 0
  const failures: string[] = []
  for (let begin = 0; begin < COUNT && failures.length < 10; begin += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, COUNT - begin) }, async (_, at) => {
      const seed = SEED + begin + at
      const random = randomly(seed * 7919)
      const from = seed % LARGE === 0 ? all.large : all.small
      const of = from[random(from.length)]!
      const changed = mutant(texts.get(of)!, donors, random)
      const began = performance.now()
      const wrong = await tried(of, changed, seed % 2 === 0 && of.options.scope !== "store", all).catch((error: unknown) => [String(error)])
      const took = performance.now() - began
      longest = Math.max(longest, took)
      if (took > MOST_MS) wrong.push(`${took} ms`)
      if (wrong.length > 0) failures.push(`seed ${seed}, ${of.name}: ${changed.steps.join("; ")}\n  ${wrong.join("\n  ")}`)
    })
    await Promise.all(batch)
  }
  t.deepEqual(failures, [])
  t.log(`${COUNT} mutants, ${longest.toFixed()} ms at most`)
})
