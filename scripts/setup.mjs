#!/usr/bin/env node
/**
 * Installs and builds what is missing or out of date: npm packages, the native engine, the TypeScript façade.
 * Needs node, npm and cargo, and no package of its own; a second run finds nothing to do and says so.
 *
 *   setup/tools.mjs      are node, npm and cargo here, and new enough?
 *   setup/packages.mjs   do node_modules and package-lock.json agree?
 *   setup/built.mjs      were the sources built as they stand?
 *   setup/step.mjs       one step: what it does, how long it took, its output where it failed
 */

import { realpathSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { buildNative, buildTypeScript } from "./setup/built.mjs"
import { installPackages } from "./setup/packages.mjs"
import { seconds, SetupError, say } from "./setup/step.mjs"
import { checkTools } from "./setup/tools.mjs"

/** Runs every step that is due; throws a {@link SetupError} whose message says what to do. */
export async function setup() {
  const start = performance.now()
  const tools = await checkTools()
  const done = [await installPackages(), await buildNative(tools), await buildTypeScript()]
  const took = seconds(performance.now() - start)
  say(done.includes(true) ? `ready after ${took}` : `everything is up to date (${took})`)
}

if (fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  try {
    await setup()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exitCode = 1
  }
}
