/** A store in a folder of its own that is gone afterwards, and exchanges to fill it with. */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Claim, StartOptions, Vouchsafe } from "../index.js"
import { start } from "../index.js"
import type { Engine, EngineOptions } from "../src/engine/engine.js"
import { nativeModule } from "../src/engine/native.js"
import { resolve } from "../src/options.js"
import { nowUs } from "../src/recorder/clock.js"

export interface Store {
  dir: string
  vouchsafe: Vouchsafe
  /** The same engine as the façade's, to record into directly. */
  engine: Engine
  /** What the engine was opened with. */
  options: EngineOptions
  /** How often bodies or rows had to be let go. */
  losses(): number
  close(): Promise<void>
}

export async function openStore(options: StartOptions = {}): Promise<Store> {
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-bench-"))
  let losses = 0
  // Large enough that retention never deletes while a benchmark runs.
  const given = { dir, record: { http: false }, retention: { maxBytes: 2 ** 40 }, onEvent: () => losses++, ...options }
  const vouchsafe = await start(given)
  const { engine: engineOptions } = resolve(given)
  const engine = await nativeModule(false).open(dir, engineOptions, () => {}, null)
  return {
    dir,
    vouchsafe,
    engine,
    options: engineOptions,
    losses: () => losses,
    close: async () => {
      await engine.close(10_000)
      await vouchsafe.shutdown()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** How many rows a run has in a filled store. */
const RUN_ROWS = 1000
/** Rows between two flushes: well below what the queue holds. */
const BURST = 10_000

const callOf = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`
const text = new TextEncoder()

/** Exchange number `n`: a call of its own with a small JSON body. */
export function recordSmall(engine: Engine, n: number, runId = `run-${Math.floor(n / RUN_ROWS)}`): void {
  const body = text.encode(`{"price":${n}}`)
  const url = `https://api.example.com/v1/prices/${n % 50}`
  const now = nowUs()
  engine.record(
    0, null, runId, "_default", `price-${n % 20}`, callOf(n), null, null,
    "GET", url, 200, "1.1", 0, null, false, now - 900, now - 100, now,
    "accept: application/json\n", "content-type: application/json\n",
    null, 0, null, [body], body.length, null,
  )
}

/** Records the exchanges `from` up to `to` and waits until all are in the log. */
export async function fill(engine: Engine, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    recordSmall(engine, n)
    if (n % BURST === BURST - 1) await engine.flush()
  }
  await engine.commit()
}

/** What exchange number `n` supports. */
export const claimOn = (n: number): Claim => ({ callRef: callOf(n), path: "price", equals: n })

/** Numbers below `below` that look random and are the same in every run of the benchmark. */
export function draw(below: number): () => number {
  let state = 1
  return () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}
