/** Reads one body to its end, as a program of its own, and prints the peak of its resident memory in KiB. */

import { readFileSync } from "node:fs"

const [, , how, url, dir] = process.argv

/** Linux's maxRSS begins with what the parent held when it started this process; the status file does not. */
function peakKiB(): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))![1])
  } catch {
    return process.resourceUsage().maxRSS
  }
}

async function begin(): Promise<() => Promise<void>> {
  if (how === "bare") return async () => {}
  const { start } = await import("../index.js")
  const vouchsafe = await start({ dir: dir!, record: { http: how === "recorded" } })
  return () => vouchsafe.shutdown()
}

const end = await begin()
let bytes = 0
for await (const chunk of (await fetch(url!)).body!) bytes += (chunk as Uint8Array).byteLength
if (bytes !== 200 * 2 ** 20) throw new Error(`${bytes} bytes came`)
await end()
process.stdout.write(String(peakKiB()))
