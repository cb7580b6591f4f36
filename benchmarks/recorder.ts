/** What a recorded request takes longer than one that nobody records. */

import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { added, type Benchmark, type Block, type Figure, interleave, median } from "./harness.js"
import { pin, unpin } from "./pin.js"
import type { Client, Task, Variant } from "./recorder-worker.js"
import { startServer } from "./server.js"
import { openStore, type Store } from "./store.js"

const ROUNDS = 60
/** V8 needs some thousand requests to settle. */
const WARM_UP = 20
const KIB = 1024
/** What must hold for 1 KiB, in µs. */
const BARS: Record<Client, number> = { fetch: 15, "http.get": 8 }
const CLIENTS = Object.keys(BARS) as Client[]
const VARIANTS: readonly Variant[] = ["off", "tap", "on"]

/** One thread for each variant: taps that come and go would cost each block the code that V8 had optimised. */
async function withWorkers<T>(
  { dir, options }: Store,
  work: (block: (variant: Variant, task: Task) => Block) => Promise<T>,
): Promise<T> {
  const start = (variant: Variant): Worker =>
    new Worker(new URL("./recorder-worker.js", import.meta.url), { workerData: { variant, dir, options } })
  const workers = new Map(VARIANTS.map((variant) => [variant, start(variant)]))
  const result = await work((variant, task) => async () => {
    const worker = workers.get(variant)!
    worker.postMessage(task)
    const [p50] = (await once(worker, "message")) as [number]
    return p50
  })
  for (const worker of workers.values()) await worker.terminate()
  return result
}

async function compare(store: Store, url: string, client: Client, size: number): Promise<Record<Variant, number[]>> {
  const task = { client, url: `${url}/json/${size}` }
  return withWorkers(store, (block) =>
    interleave(ROUNDS, { off: block("off", task), tap: block("tap", task), on: block("on", task) }, WARM_UP),
  )
}

/** Client and server on one core, so that a request takes the sum of their work, and the engine on the others. */
async function onOneCore(store: Store, client: Client): Promise<Figure[]> {
  const pinned = pin()
  const server = await startServer()
  const { off, tap, on } = await compare(store, server.url, client, KIB)
  server.stop()
  if (pinned) unpin()
  const detail = { offUs: median(off), onUs: median(on) }
  return [
    { name: `${client} 1 KiB: recorded, added p50`, value: added(on, off), unit: "µs", atMost: BARS[client], detail },
    { name: `${client} 1 KiB: taps alone, added p50`, value: added(tap, off), unit: "µs" },
  ]
}

/** Where client, server and engine compete for the cores that there are. */
async function onAllCores(store: Store, client: Client, size: number): Promise<Figure> {
  const server = await startServer()
  const { off, on } = await compare(store, server.url, client, size)
  server.stop()
  const name = `${client} ${size / KIB} KiB, cores shared with the engine: added p50`
  return { name, value: added(on, off), unit: "µs", detail: { offUs: median(off), onUs: median(on) } }
}

export const recorder: Benchmark = {
  name: "recorder",
  run: async () => {
    const store = await openStore()
    const figures: Figure[] = []
    for (const client of CLIENTS) {
      figures.push(...(await onOneCore(store, client)))
      for (const size of [KIB, 64 * KIB]) figures.push(await onAllCores(store, client, size))
    }
    await store.close()
    return figures
  },
}
