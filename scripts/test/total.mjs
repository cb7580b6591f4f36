/** Suites in a row, after the set-up; the total is the last line that is printed. */

import { SetupError, say } from "../setup/step.mjs"
import { setup } from "../setup.mjs"
import { Counts } from "./counts.mjs"

/** Runs the suites, each a function that resolves to its counts; a failed set-up counts as a failure. */
export async function total(suites) {
  const counts = new Counts()
  try {
    await setup()
    for (const suite of suites) counts.add(await suite())
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    counts.add({ failed: 1 })
  }
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
  process.stdout.write(`${counts}\n`)
}
