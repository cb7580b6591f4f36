import { join } from "node:path"
import test from "ava"
import { runChild } from "./child.js"
import { temporary } from "./folder.js"
import { passing, rowClaims } from "./stored.js"

const ROWS = 1000

const ENDS: { title: string; way: string; code: number | null; signal?: NodeJS.Signals; stderr?: RegExp }[] = [
  { title: "a program that ends", way: "end", code: 0 },
  { title: "process.exit", way: "exit", code: 7 },
  { title: "process.exitCode", way: "exitCode", code: 5 },
  { title: "an uncaught exception", way: "throw", code: 1, stderr: /on purpose/ },
  { title: "an unhandled rejection", way: "reject", code: 1, stderr: /on purpose/ },
  { title: "an exception that the program handles by process.exit", way: "handled", code: 8 },
  { title: "a shutdown that nobody awaits", way: "shutdown", code: 0 },
  { title: "process.exit right behind a shutdown", way: "shutdownExit", code: 6 },
  { title: "process.exit during a shutdown", way: "shutdownLaterExit", code: 6 },
  { title: "SIGTERM", way: "SIGTERM", code: null, signal: "SIGTERM" },
  { title: "SIGINT", way: "SIGINT", code: null, signal: "SIGINT" },
  { title: "SIGHUP", way: "SIGHUP", code: null, signal: "SIGHUP" },
  { title: "SIGTERM with the program's own handler, which exits", way: "own", code: 9 },
  { title: "SIGTERM with a handler that ends the process only if it is alone", way: "polite", code: null, signal: "SIGTERM" },
  { title: "SIGTERM with the program's own handler, which goes on", way: "ignore", code: 0 },
]

for (const { title, way, code, signal = null, stderr = /^$/ } of ENDS) {
  test.serial(`${title} leaves every accepted row on disk and keeps its exit code`, async (t) => {
    const dir = join(await temporary(t), "store")
    const ended = await runChild("end.ts", [dir, String(ROWS), way])
    t.false(ended.hung)
    t.deepEqual([ended.code, ended.signal], [code, signal])
    t.regex(ended.stderr, stderr)
    t.is(await passing(dir, rowClaims(ROWS), { runId: "child" }), ROWS)
  })
}
