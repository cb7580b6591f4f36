/** What the figures were measured on. */

import { fsyncSync, mkdtempSync, openSync, closeSync, rmSync, writeSync } from "node:fs"
import { arch, availableParallelism, cpus, loadavg, platform, tmpdir, totalmem } from "node:os"
import { join } from "node:path"
import { median } from "./harness.js"

export interface Machine {
  cpu: string
  cores: number
  memoryGiB: number
  platform: string
  node: string
  /** Processes that wanted a core while nothing was measured yet. */
  load: number
  /** What the disk takes to make 4 KiB durable: the least that any commit can take. */
  fsyncUs: number
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()}-${arch()}`,
    node: process.version,
    load: Math.round(loadavg()[0]! * 10) / 10,
    fsyncUs: Math.round(fsyncUs()),
  }
}

function fsyncUs(): number {
  const dir = mkdtempSync(join(tmpdir(), "vouchsafe-bench-"))
  const file = openSync(join(dir, "file"), "a")
  const page = Buffer.alloc(4096)
  const samples = Array.from({ length: 50 }, () => {
    writeSync(file, page)
    const began = performance.now()
    fsyncSync(file)
    return (performance.now() - began) * 1000
  })
  closeSync(file)
  rmSync(dir, { recursive: true })
  return median(samples)
}
