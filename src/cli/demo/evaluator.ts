/**
 * The second process: argv are the file with the verifier key and the payload files. It has no store, starts no
 * engine and records nothing; it prints what it found as JSON.
 */

import { readFile } from "node:fs/promises"
import { evaluateHandoff, type HandoffPayload } from "../../../index.js"
import type { Evaluation } from "./second-process.js"

const [keyFile, ...files] = process.argv.slice(2)
if (keyFile === undefined) throw new TypeError("the first argument is the file with the verifier key")
const verifierKeys = [(await readFile(keyFile, "utf8")).trim()]

const evaluations: Evaluation[] = []
for (const file of files) {
  const payload = JSON.parse(await readFile(file, "utf8")) as HandoffPayload
  const from = performance.now()
  const verdict = await evaluateHandoff(payload, { verifierKeys })
  evaluations.push({ file, verdict, ms: performance.now() - from })
}
process.stdout.write(JSON.stringify(evaluations))
