/** Runs what only Rust can measure. */

import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"

/** Builds and runs an example, which prints samples by name as JSON. */
export async function cargoExample(crate: string, name: string, args: number[]): Promise<Record<string, number[]>> {
  const command = ["run", "--quiet", "--release", "-p", crate, "--example", name, "--", ...args.map(String)]
  const child = spawn("cargo", command, { stdio: ["ignore", "pipe", "inherit"] })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "close")])
  if (code !== 0) throw new Error(`cargo ${command.join(" ")} ended with ${code}`)
  return JSON.parse(output) as Record<string, number[]>
}
