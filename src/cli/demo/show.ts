/** The demo from its first line to its last. */

import { relative } from "node:path"
import { shutdown, start } from "../../../index.js"
import { fit, heading, styleFor } from "../terminal.js"
import { commandWith } from "./error.js"
import type { DemoOptions } from "./options.js"
import { temporaryStore, writeResult } from "./places.js"
import { describeRun, describeSecondProcess } from "./report.js"
import { asExpected, preprocessRuns, runScenario, type RunReport, type Scenario } from "./run.js"
import { checkInSecondProcess, type SecondProcess } from "./second-process.js"

const style = styleFor(process.stdout)

/** Shows every scenario and the check by a second process; resolves to whether all came out as it should. */
export async function show(options: DemoOptions, registry: string, scenarios: readonly Scenario[]): Promise<boolean> {
  const print = options.json ? () => {} : (text: string) => void process.stdout.write(`${text}\n\n`)
  print(introduction(options, registry))
  const runs: RunReport[] = []
  const store = await temporaryStore()
  let verifierKey: string
  try {
    const vouchsafe = await start({ dir: store.dir, store: "sqlite", backend: "embedded" })
    verifierKey = vouchsafe.verifierKey
    for (const scenario of scenarios) {
      const run = await runScenario(vouchsafe, registry, options.packages, scenario)
      runs.push(run)
      print(describeRun(run, style))
    }
  } finally {
    await shutdown()
    await store.remove()
  }
  const keyFile = await writeResult(options.dir, "verifier-key", `${verifierKey}\n`)
  const files: string[] = []
  for (const run of runs) {
    files.push(await writeResult(options.dir, `${run.scenario.name}.json`, JSON.stringify(run.payload, null, 2)))
  }
  const second = await checkInSecondProcess(keyFile, files)
  print(describeSecondProcess(second, verifierKey, style))

  const good =
    runs.every((run) => asExpected(run.scenario, run.verdict)) &&
    runs.every((run, at) => asExpected(run.scenario, second.evaluations[at]!.verdict))
  print(ending(options, good))
  if (options.json) process.stdout.write(`${JSON.stringify(asJson(options, registry, runs, second, good), null, 2)}\n`)
  return good
}

function introduction({ packages, offline }: DemoOptions, registry: string): string {
  const origin = offline ? "a local server" : "npm's configured registry"
  return [
    style.bold(heading("vouchsafe demo")),
    "",
    "  An agent answers from what its tools returned. Did they return that?",
    "",
    `  asking     ${registry}  ${style.dim(origin)}`,
    `  about      ${packages.join(", ")}`,
  ].join("\n")
}

function ending({ dir }: DemoOptions, good: boolean): string {
  const folder = relative("", dir) || dir
  const next = {
    "other packages": commandWith("react vite zod"),
    "the payload": `${folder}/run-2-invented.json`,
    "your own agent": "README.md, “Use it”",
  }
  return [
    heading(good ? "Both runs came out as they should" : "Not what should have come out: see above"),
    "",
    ...Object.entries(next).map(([what, where]) => `  ${style.dim(fit(what, 16))} ${where}`),
  ].join("\n")
}

/** The same as data. */
function asJson(options: DemoOptions, registry: string, runs: RunReport[], second: SecondProcess, good: boolean) {
  return {
    asExpected: good,
    registry,
    runs: runs.map((run) => ({
      name: run.scenario.name,
      expected: run.scenario.expected,
      tools: run.calls.map(({ package: name, callRef, from, to }) => ({ package: name, callRef, ms: to - from })),
      preprocessRuns: preprocessRuns(run),
      verifyMs: run.verifying.to - run.verifying.from,
      verdict: run.verdict,
    })),
    secondProcess: second,
  }
}
