import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
/** A command that hangs is ended, and so fails its test. */
const KILL_AFTER_MS = 60_000

/** Runs the command line from its sources in a process of its own. */
export async function runCli(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ["--import=tsx", MAIN, ...args], {
    env: { ...process.env, NO_COLOR: "1", npm_lifecycle_event: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: KILL_AFTER_MS,
  })
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve))
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { exitCode, stdout, stderr }
}
