/** What all commands have in common: how they are declared, their options, and how they end. */

import { InvalidArgumentError, Option, type Command } from "commander"
import { VouchsafeError } from "../errors.js"
import { CommandError, UsageError } from "./error.js"
import { safe, safeJson } from "./escape.js"
import { FAILED } from "./exit-codes.js"

/** The options that every command on a folder has. */
export interface Common {
  dir: string
  json?: boolean
}

/** What a command's help says. */
export interface Help {
  summary: string
  /** Beyond the summary. */
  more?: string
  /** Command lines without `vouchsafe`. */
  examples: readonly string[]
}

/** Adds a command with its help and, where it works on a folder, `--dir`. */
export function define(
  parent: Command,
  name: string,
  help: Help,
  { onFolder = true, isDefault = false } = {},
): Command {
  const command = documented(parent.command(name, { isDefault, hidden: isDefault }), help)
  if (onFolder) {
    command.addOption(new Option("--dir <dir>", "the store's folder").env("VOUCHSAFE_DIR").default(".vouchsafe"))
  }
  return command.option("--json", "print one JSON document")
}

/** Adds a command that has others beneath it. */
export function group(parent: Command, name: string, help: Help): Command {
  return documented(parent.command(name), help).helpCommand(false)
}

function documented(command: Command, { summary, more, examples }: Help): Command {
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
  return command
    .summary(summary)
    .description(more === undefined ? sentence : `${sentence}\n\n${more}`)
    .addHelpText("after", `\nExamples:\n${examples.map((line) => `  $ npx vouchsafe ${line}`).join("\n")}`)
}

/** What the command does with its arguments and options; resolves to the exit code. */
export function runs<Arguments extends unknown[]>(
  command: Command,
  work: (...args: Arguments) => Promise<number>,
): void {
  command.action(async (...args: unknown[]) => {
    try {
      process.exitCode = await work(...(args as Arguments))
    } catch (error) {
      if (error instanceof UsageError) command.error(`error: ${error.message}`)
      if (!(error instanceof CommandError || error instanceof VouchsafeError)) throw error
      if (command.opts<Common>().json) {
        process.stdout.write(`${safeJson({ error: { code: error.code, message: error.message } })}\n`)
      }
      process.stderr.write(`${nameOf(command)}: ${safe(error.message)}\n`)
      process.exitCode = FAILED
    }
  })
}

function nameOf(command: Command): string {
  const parents: string[] = []
  for (let at: Command | null = command; at; at = at.parent) parents.unshift(at.name())
  return parents.join(" ")
}

/** Reads a number option; commander prints what is thrown. */
export function numberFrom(min: number, max: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text)
    const kind = whole ? "a whole number" : "a number"
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
    throw new InvalidArgumentError(`Expected ${kind} from ${min} to ${max}.`)
  }
}

/** Gathers an option that may be given several times. */
export function gather(value: string, before: string[] = []): string[] {
  return [...before, value]
}
