/** Child processes that run a program of `programs/`, each with a kill timer. */

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const TSX = createRequire(import.meta.url).resolve("tsx")
const KILL_AFTER_MS = 60_000

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  /** Lines of standard output. */
  lines: string[]
  stderr: string
  /** Whether the kill timer had to end it. */
  hung: boolean
}

export interface Child {
  readonly process: ChildProcess
  /** Waits for the next line that it prints; null once it has ended. */
  line(): Promise<string | null>
  readonly ended: Promise<Ended>
}

export interface ChildOptions {
  env?: Record<string, string>
  cwd?: string
  /** Further arguments of node, before the program. */
  node?: string[]
  /** A shell command to run before, in the same process: `ulimit -f 100`. */
  shell?: string
}

/** The path of a program. */
export function program(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url))
}

export function spawnChild(name: string, args: string[], options: ChildOptions = {}): Child {
  const command = [process.execPath, "--import", TSX, ...(options.node ?? []), program(name), ...args]
  const [file, ...rest] = options.shell ? ["sh", "-c", `${options.shell} && exec "$@"`, "sh", ...command] : command
  const child = spawn(file!, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
  })
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    child.kill("SIGKILL")
  }, KILL_AFTER_MS)
  const lines: string[] = []
  const waiting: ((line: string | null) => void)[] = []
  let next = 0
  let over = false
  function serve(): void {
    while (waiting.length > 0 && next < lines.length) waiting.shift()!(lines[next++]!)
    if (over) for (const resolve of waiting.splice(0)) resolve(null)
  }
  createInterface(child.stdout).on("line", (line) => {
    lines.push(line)
    serve()
  })
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text))
  const ended = once(child, "close").then(([code, signal]) => {
    clearTimeout(timer)
    over = true
    serve()
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, lines, stderr, hung }
  })
  const line = (): Promise<string | null> =>
    new Promise((resolve) => {
      waiting.push(resolve)
      serve()
    })
  return { process: child, line, ended }
}

/** Runs a program to its end. */
export function runChild(name: string, args: string[], options?: ChildOptions): Promise<Ended> {
  return spawnChild(name, args, options).ended
}
