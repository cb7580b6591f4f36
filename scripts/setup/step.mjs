/** One step of the set-up: a program that is run, with its progress on a terminal and one line where there is none. */

import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url))

/** The set-up cannot go on; the message says why and what to do. */
export class SetupError extends Error {}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
const CLEAR_LINE = "\r\u001B[2K"
/** Enough of a failed program's output to see why. */
const KEPT_OUTPUT = 200_000

// To stderr: stdout belongs to what runs after the set-up.
const terminal = process.stderr

/** Prints one line of the set-up. */
export function say(line) {
  terminal.write(`setup: ${line}\n`)
}

/** Milliseconds as a person reads them. */
export function seconds(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const whole = Math.round(ms / 1000)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/**
 * Runs a program as one step. `expect` says beforehand how long it may take; `detail` makes of a line of output what
 * stands beside the spinner. Throws a {@link SetupError} with the whole output where the program fails.
 */
export async function step(title, command, args, { expect = "", detail = () => null } = {}) {
  const start = performance.now()
  const spinner = terminal.isTTY ? spin(title, start, expect) : null
  if (!spinner) say(expect ? `${title} (${expect})` : title)
  const output = []
  let code
  try {
    code = await run(command, args, (line) => {
      output.push(line)
      const text = detail(line)
      if (text !== null) spinner?.show(text)
    })
  } finally {
    spinner?.stop()
  }
  const took = seconds(performance.now() - start)
  if (code === 0) {
    say(spinner ? `${title}, ${took}` : `  done in ${took}`)
    return
  }
  terminal.write(`${output.join("\n").slice(-KEPT_OUTPUT)}\n`)
  throw new SetupError(`${title} failed after ${took} (${command} ${args[0]}: exit code ${code})`)
}

/** Runs a program; resolves to its exit code, and hands over each line that it prints. */
export function run(command, args, onLine) {
  return new Promise((resolve, reject) => {
    const windows = process.platform === "win32" && !command.endsWith(".exe")
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], shell: windows })
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ""
      stream.setEncoding("utf8")
      stream.on("data", (text) => {
        const lines = (rest + text).split("\n")
        rest = lines.pop()
        for (const line of lines) onLine(line)
      })
      stream.on("end", () => rest && onLine(rest))
    }
    child.on("error", reject)
    child.on("close", (code, signal) => resolve(code ?? signal))
  })
}

function spin(title, start, text) {
  let frame = 0
  const draw = () => {
    const elapsed = `${Math.floor((performance.now() - start) / 1000)} s`
    const line = [`${FRAMES[frame++ % FRAMES.length]} ${title}`, elapsed, text].filter(Boolean).join(" · ")
    terminal.write(CLEAR_LINE + line.slice(0, (terminal.columns ?? 80) - 1))
  }
  draw()
  const timer = setInterval(draw, 100)
  return {
    show(next) {
      text = next
    },
    stop() {
      clearInterval(timer)
      terminal.write(CLEAR_LINE)
    },
  }
}
