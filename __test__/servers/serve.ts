/** `vouchsafe serve` in a process of its own. */

import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
/** How long a server may take to end. */
const KILL_AFTER_MS = 30_000

/** What it printed at its start. */
export interface Started {
  url: string
  store: string
  logs: string | null
  tokenFile: string
  /** A fresh one; null where the file was there. */
  token: string | null
}

/** A running server. */
export interface Served extends Started {
  pid: number
  /** Lets it end by a signal; resolves to its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
  /** What it logged, once it has ended. */
  logged(): Promise<string>
}

/** Starts one on a free port with these further arguments; throws what it said where it does not start. */
export async function startServe(args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, ["--import=tsx", MAIN, "serve", "--port", "0", "--json", ...args], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const ended = once(child, "close") as Promise<[number | null]>
  const log = text(child.stderr)
  let said = ""
  let started: Started | null = null
  for await (const chunk of child.stdout) {
    said += String(chunk)
    if (!said.endsWith("}\n")) continue
    started = JSON.parse(said) as Started
    break
  }
  if (!started || "error" in started) {
    const [code] = await ended
    throw new Error(`vouchsafe serve ended with ${code}: ${said}${await log}`)
  }
  return {
    ...started,
    pid: child.pid!,
    end: async (signal = "SIGTERM") => {
      child.kill(signal)
      const late = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS)
      const [code] = await ended
      clearTimeout(late)
      return code
    },
    logged: () => log,
  }
}
