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

import type { Command } from "commander"
import { define, runs } from "./command.js"
import { inventedClaims, truthfulClaims } from "./demo/agent.js"
import { startOfflineRegistry } from "./demo/offline.js"
import { readOptions, type DemoFlags, type DemoOptions } from "./demo/options.js"
import { configuredRegistry } from "./demo/registry.js"
import type { Scenario } from "./demo/run.js"
import { show } from "./demo/show.js"
import { FAILED, FINE } from "./exit-codes.js"

/** The honest run first, so that the second one's difference is plain. */
const SCENARIOS: readonly Scenario[] = [
  { name: "run-1-truth", title: "Run 1: the agent tells the truth", expected: "PASS", claims: truthfulClaims },
  { name: "run-2-invented", title: "Run 2: the agent invents one value", expected: "CAUGHT", claims: inventedClaims },
]

/** Adds `demo`. */
export function addDemo(program: Command): void {
  const command = define(
    program,
    "demo",
    {
      summary: "watch an agent's claims being checked against what its tools received",
      more:
        "An agent asks npm's configured registry for the latest version of three packages, once honestly and once with an " +
        "invented value in its answer. Each claim is checked against what was recorded, and again by a second process that " +
        "has nothing but the payload and the verifier key. Exits with 0 where both runs came out as they should.",
      examples: ["demo", "demo --offline", "demo react vite zod"],
    },
    { onFolder: false },
  )
    .argument("[package...]", "up to three packages to ask about instead of undici, typescript and semver")
    .option("--offline", "ask a local server that has those three")
    .option("--dir <dir>", "where the payloads and the key are written", ".vouchsafe/demo")
  runs(command, demo)
}

async function demo(packages: string[], flags: DemoFlags): Promise<number> {
  const options = readOptions(packages, flags)
  return (await withRegistry(options, (registry) => show(options, registry, SCENARIOS))) ? FINE : FAILED
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
