/** Keeping this thread, and the threads and processes that it starts from then on, on one core: on Linux only. */

import { execFileSync } from "node:child_process"
import { availableParallelism } from "node:os"

/** Whether it could be done. */
export function pin(): boolean {
  return taskset("0")
}

export function unpin(): void {
  taskset(`0-${availableParallelism() - 1}`)
}

function taskset(cores: string): boolean {
  try {
    execFileSync("taskset", ["-pc", cores, String(process.pid)], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}
