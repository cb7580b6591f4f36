/**
 * `vouchsafe demo`: an agent's claims, checked against what its tools received.
 *
 *   demo/options.ts          the arguments
 *   demo/registry.ts         the agent's tool; demo/offline.ts a local registry for it
 *   demo/agent.ts            what the agent does and claims
 *   demo/run.ts              one run: tools, verdict, payload; demo/preprocess.ts watches the worker
 *   demo/second-process.ts   the check elsewhere; demo/evaluator.ts is that process
 *   demo/report.ts           what a person reads; demo/timeline.ts draws
 */

import { VouchsafeError } from "../../index.js"
import { inventedClaims, truthfulClaims } from "./demo/agent.js"
import { DemoError } from "./demo/error.js"
import { startOfflineRegistry } from "./demo/offline.js"
import { readOptions, USAGE, type DemoOptions } from "./demo/options.js"
import { configuredRegistry } from "./demo/registry.js"
import type { Scenario } from "./demo/run.js"
import { show } from "./demo/show.js"

const DONE = 0
const FAILED = 2

/** The honest run first, so that the second one's difference is plain. */
const SCENARIOS: readonly Scenario[] = [
  { name: "run-1-truth", title: "Run 1: the agent tells the truth", expected: "PASS", claims: truthfulClaims },
  { name: "run-2-invented", title: "Run 2: the agent invents one value", expected: "CAUGHT", claims: inventedClaims },
]

/** Runs the demo; resolves to the exit code. */
export async function demo(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options.help) {
    process.stdout.write(USAGE)
    return DONE
  }
  try {
    return (await withRegistry(options, (registry) => show(options, registry, SCENARIOS))) ? DONE : FAILED
  } catch (error) {
    if (!(error instanceof DemoError || error instanceof VouchsafeError)) throw error
    process.stderr.write(`vouchsafe demo: ${error.message}\n`)
    return FAILED
  }
}

async function withRegistry<T>({ offline }: DemoOptions, work: (registry: string) => Promise<T>): Promise<T> {
  if (!offline) return work(await configuredRegistry())
  const local = await startOfflineRegistry()
  try {
    return await work(local.url)
  } finally {
    local.close()
  }
}
