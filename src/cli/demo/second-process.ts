/** Has payload files checked by a process of its own, as another person would on another machine. */

import { spawn } from "node:child_process"
import { extname } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import type { Verdict } from "../../../index.js"
import { DemoError } from "./error.js"

/** What the second process found in one file, and how long the evaluation took. */
export interface Evaluation {
  file: string
  verdict: Verdict
  ms: number
}

/** All that it found; `ms` is the whole life of the process. */
export interface SecondProcess {
  pid: number | undefined
  ms: number
  evaluations: Evaluation[]
}

/** Runs it with these files, and nothing of our environment that vouchsafe would read. */
export async function checkInSecondProcess(keyFile: string, files: readonly string[]): Promise<SecondProcess> {
  const script = fileURLToPath(new URL(`./evaluator${extname(import.meta.url)}`, import.meta.url))
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VOUCHSAFE_")))
  const from = performance.now()
  const child = spawn(process.execPath, [...process.execArgv, script, keyFile, ...files], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve))
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  if (code !== 0) throw new DemoError(`the second process failed with exit code ${code}\n${errors}`)
  return { pid: child.pid, ms: performance.now() - from, evaluations: JSON.parse(output) as Evaluation[] }
}
