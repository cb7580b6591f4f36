/** What proofs weigh and cost in a log of a million rows, what the map costs a commit, and how fast a log is audited. */

import { checkProof, type Claim, type Verdict, type VerifyOptions } from "../index.js"
import { cargoExample } from "./cargo.js"
import { type Benchmark, type Figure, median, p50Us } from "./harness.js"
import { claimOn, draw, fill, openStore, recordSmall, type Store } from "./store.js"

const ROWS = 1_000_000
const SAMPLES = 200
/** Rows and, each being a call of its own, keys of the map. */
const MAP_ROWS = 100_000
const COMMIT_ROWS = 256
const COMMITS = 20
const AUDITED = 200_000
const ROUNDS = 3

interface Bundle {
  checkpoint?: string
  seal?: unknown
  rows: { fields: Record<string, { bytes: string }> }[]
}

/** A bundle's bytes beside the body that it discloses: alone, and in a payload, where all share a checkpoint and a seal. */
function weight(text: string): { alone: number; shared: number } {
  const { checkpoint: _checkpoint, seal: _seal, ...bundle } = JSON.parse(text) as Bundle
  const body = bundle.rows.reduce((sum, { fields }) => sum + (fields["response"]?.bytes.length ?? 0), 0)
  return { alone: Buffer.byteLength(text) - body, shared: Buffer.byteLength(JSON.stringify(bundle)) - body }
}

async function ask({ vouchsafe }: Store, claim: Claim, options: VerifyOptions = {}): Promise<Verdict> {
  const verdict = await vouchsafe.verify([claim], { bundles: true, ...options })
  if (verdict.outcome !== "PASS") throw new Error(`a true claim came out as ${verdict.outcome}`)
  return verdict
}

async function weights(store: Store): Promise<Figure[]> {
  const pick = draw(ROWS)
  const bundles: Record<string, string[]> = { call: [], latest: [] }
  for (let n = 0; n < SAMPLES; n++) {
    const row = pick()
    // The last of the twenty actions of a run of a thousand rows.
    const run = Math.floor(row / 1000)
    const last = run * 1000 + 980 + (row % 20)
    const call = await ask(store, claimOn(row))
    const latest = await ask(store, { action: `price-${last % 20}`, path: "price", equals: last }, { runId: `run-${run}` })
    bundles["call"]!.push(call.claims[0]!.proof!.bundle!)
    bundles["latest"]!.push(latest.claims[0]!.proof!.bundle!)
  }
  const figures = Object.entries(bundles).flatMap(([covers, all]) => {
    const weights = all.map(weight)
    const figure = (how: string, one: (weight: { alone: number; shared: number }) => number): Figure => ({
      name: `proofs: bundle of a claim on a ${covers} in 1 M rows ${how}, largest`,
      value: Math.max(...weights.map(one)),
      unit: "bytes",
      atMost: 4096,
      detail: { median: median(weights.map(one)) },
    })
    return [figure("in a payload", ({ shared }) => shared), figure("alone", ({ alone }) => alone)]
  })
  let next = 0
  const js = await p50Us(SAMPLES * 5, async () => {
    const { ok } = await checkProof(bundles["call"]![next++ % SAMPLES]!, store.vouchsafe.verifierKey)
    if (!ok) throw new Error("a true bundle was refused")
  })
  const { proof, verification } = store.vouchsafe.stats().completion
  return [
    ...figures,
    { name: "proofs: generation, p50", value: proof.p50Ms, unit: "ms", atMost: 0.2, detail: { p90: proof.p90Ms } },
    { name: "proofs: check, native, p50", value: verification.p50Ms, unit: "ms", atMost: 0.1, detail: { p90: verification.p90Ms } },
    { name: "proofs: check, JavaScript, with signature, p50", value: js / 1000, unit: "ms", atMost: 1 },
  ]
}

/** Rows that are durable already, so that what is timed is the commit alone. */
async function commits(store: Store): Promise<Figure> {
  await fill(store.engine, 0, MAP_ROWS)
  let next = MAP_ROWS
  const timed = async (rows: number): Promise<number> => {
    for (let n = 0; n < rows; n++) recordSmall(store.engine, next++)
    await store.engine.flush()
    const began = performance.now()
    await store.engine.commit()
    return performance.now() - began
  }
  const samples: { all: number[]; one: number[] } = { all: [], one: [] }
  for (let round = 0; round < COMMITS; round++) {
    samples.all.push(await timed(COMMIT_ROWS))
    samples.one.push(await timed(1))
  }
  return {
    name: "proofs: commit of 256 rows in a map of 100 k keys, beside one of 1 row",
    value: median(samples.all) - median(samples.one),
    unit: "ms",
    atMost: 12,
    detail: { all: median(samples.all), worst: Math.max(...samples.all), one: median(samples.one) },
  }
}

export const proofs: Benchmark = {
  name: "proofs",
  run: async () => {
    const large = await openStore()
    await fill(large.engine, 0, ROWS)
    const figures = await weights(large)
    await large.close()
    const small = await openStore({ debounceMs: 3_600_000 })
    figures.push(await commits(small))
    await small.close()
    const audit = await cargoExample("vouchsafe-backend", "audit", [AUDITED, ROUNDS])
    if (median(audit["findings"]!) !== 0) throw new Error("the audit of a sound log has findings")
    return [
      ...figures,
      { name: "proofs: audit, the tree alone", value: median(audit["tree"]!), unit: "leaves/s", atLeast: 300_000 },
      { name: "proofs: audit in full, 2 KB bodies", value: median(audit["full"]!), unit: "rows/s", atLeast: 60_000 },
    ]
  },
}
