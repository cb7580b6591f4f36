/** Runs what only Rust can measure. */

import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"

/** Builds and runs an example, which prints samples by name as JSON. */
export async function cargoExample(crate: string, name: string, args: number[]): Promise<Record<string, number[]>> {
  return JSON.parse(await cargoText(crate, name, args)) as Record<string, number[]>
}

/** Builds and runs an example; resolves to what it prints. */
export async function cargoText(crate: string, name: string, args: number[]): Promise<string> {
  const command = ["run", "--quiet", "--release", "-p", crate, "--example", name, "--", ...args.map(String)]
  const child = spawn("cargo", command, { stdio: ["ignore", "pipe", "inherit"] })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "close")])
  if (code !== 0) throw new Error(`cargo ${command.join(" ")} ended with ${code}`)
  return output
}
