/** What a large body costs in memory, and whether a reader that stalls still holds the server back. */

import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { added, type Benchmark, interleave, median, times } from "./harness.js"
import { startServer } from "./server.js"
import { openStore } from "./store.js"

const MIB = 2 ** 20
const ROUNDS = 9
const STALLS = 15

/** The peak of a child's resident memory in MiB, which reads 200 MiB. */
async function peak(how: string, url: string): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-bench-"))
  const child = fileURLToPath(new URL("./memory-child.js", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [child, how, `${url}/endless/${200 * MIB}`, dir])
  await rm(dir, { recursive: true, force: true })
  return Number(stdout) / 1024
}

/** How many MiB the server gets rid of while nobody reads. */
async function pushed(url: string): Promise<number> {
  const abort = new AbortController()
  await fetch(`${url}/endless/${200 * MIB}`, { signal: abort.signal })
  let bytes = -1
  for (let now = 0; now !== bytes; now = Number(await (await fetch(`${url}/pushed`)).text())) {
    bytes = now
    await sleep(100)
  }
  abort.abort()
  return bytes / MIB
}

export const memory: Benchmark = {
  name: "memory",
  run: async () => {
    const server = await startServer()
    const { bare, started, recorded } = await interleave(ROUNDS, {
      bare: () => peak("bare", server.url),
      started: () => peak("started", server.url),
      recorded: () => peak("recorded", server.url),
    })
    const { without, withUs } = await interleave(STALLS, {
      without: () => pushed(server.url),
      withUs: async () => {
        const store = await openStore({ record: { http: true } })
        const bytes = await pushed(server.url)
        await store.close()
        return bytes
      },
    })
    server.stop()
    return [
      {
        name: "200 MiB through fetch: resident memory added at its peak",
        value: added(recorded, bare),
        unit: "MiB",
        atMost: 16, detail: { bare: median(bare), recorded: median(recorded) },
      },
      { name: "of that, by being started without recording", value: added(started, bare), unit: "MiB" },
      {
        name: "stalled reader: bytes pushed, as a multiple of unrecorded",
        value: times(withUs, without),
        unit: "x",
        atMost: 1.1, detail: { withoutMiB: median(without), withMiB: median(withUs) },
      },
    ]
  },
}
