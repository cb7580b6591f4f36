import test from "ava"
import type { Command } from "commander"
import { spawn } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { program } from "../../src/cli/program.js"
import { runCli } from "./run-cli.js"
import { removeFolders, temporaryFolder } from "./stored.js"

test.after.always(removeFolders)

const WRONG = [
  ["tarce"],
  ["trace"],
  ["trace", "show"],
  ["trace", "list", "--limit", "many"],
  ["doctor", "--jsno"],
  ["endpoints", "add", "example.com"],
  ["prune", "--days", "-1"],
]

test("a command line that is wrong is refused with 64, with the usage on stderr alone", async (t) => {
  const ended = await Promise.all(WRONG.map((args) => runCli(args)))
  ended.forEach(({ exitCode, stdout, stderr }, at) => {
    t.deepEqual({ exitCode, stdout }, { exitCode: 64, stdout: "" }, WRONG[at]!.join(" "))
    t.regex(stderr, /^Usage: vouchsafe /m)
  })
})

function helpOf(command: Command): string {
  let help = ""
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
  return help
}

test("an unknown command of a group gets the group's usage", async (t) => {
  const { exitCode, stderr } = await runCli(["key", "nosuch"])
  t.is(exitCode, 64)
  t.regex(stderr, /^error: unknown command 'nosuch'\n[^]*^Usage: vouchsafe key \[/m)
})

test("help lists the commands that are there, and says what each does, with examples", async (t) => {
  const { exitCode, stdout } = await runCli(["--help"])
  t.is(exitCode, 0)
  const { commands } = program()
  const names = ["demo", "check", "trace", "export", "proof", "audit", "key", "endpoints", "prune", "doctor", "serve"]
  t.deepEqual(
    commands.map((command) => command.name()),
    names,
  )
  for (const name of names) t.regex(stdout, new RegExp(`^ {2}${name}\\b.* {2,}\\S`, "m"))
  for (const command of commands.flatMap((one) => [one, ...one.commands])) {
    t.regex(helpOf(command), /\n\nExamples:\n {2}\$ npx vouchsafe /, command.name())
  }
})

test("a folder that is not there, or has no store, is said plainly, and nothing is made", async (t) => {
  const empty = await temporaryFolder()
  const missing = join(empty, "missing")
  const there = [["trace", "list"], ["trace", "show", "0"], ["prune"], ["audit"]].map((args) => [...args, "--dir", empty])
  const nowhere = [["audit"], ["proof", "0"], ["export", join(empty, "log")], ["prune"], ["doctor"], ["key"]].map((args) => [...args, "--dir", missing])
  const runs = [...there, ...nowhere].map((args) => runCli([...args, "--json"]))
  for (const { exitCode, stdout } of await Promise.all(runs)) {
    t.is(exitCode, 2)
    t.regex(stdout, /is not there|has no store in it/)
    t.notThrows(() => void JSON.parse(stdout))
  }
  t.false(existsSync(missing))
  t.deepEqual(readdirSync(empty), [])
})

test("VOUCHSAFE_DIR names the folder, and --dir wins", async (t) => {
  const env = { VOUCHSAFE_DIR: "/nowhere/environment" }
  t.regex((await runCli(["trace", "list"], env)).stderr, /the folder \/nowhere\/environment is not there/)
  t.regex((await runCli(["trace", "list", "--dir", "/nowhere/option"], env)).stderr, /\/nowhere\/option is not there/)
})

test("a reader that goes away is no failure", async (t) => {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
  const child = spawn(process.execPath, ["--import=tsx", main, "check", "--help"], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  })
  child.stdout.destroy()
  let errors = ""
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()))
  const exitCode = await new Promise((resolve) => child.on("close", resolve))
  t.deepEqual({ exitCode, errors }, { exitCode: 0, errors: "" })
})
