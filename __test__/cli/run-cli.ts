import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
/** A command that hangs is ended, and so fails its test. */
const KILL_AFTER_MS = 60_000

/** Runs the command line from its sources in a process of its own, with `input` on its stdin. */
export async function runCli(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = "") {
  const child = spawn(process.execPath, ["--import=tsx", MAIN, ...args], {
    env: { ...process.env, NO_COLOR: "1", npm_lifecycle_event: "", ...env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: KILL_AFTER_MS,
  })
  // A command that does not read has ended before all is written.
  child.stdin.on("error", () => {}).end(input)
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve))
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { exitCode, stdout, stderr }
}
