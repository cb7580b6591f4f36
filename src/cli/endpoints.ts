/** `vouchsafe endpoints`: where requests may go. */

import type { Command } from "commander"
import { ENDPOINTS_FILE } from "../endpoints-file.js"
import { Endpoint } from "../recorder/refuse/endpoint.js"
import { define, group, runs, type Common } from "./command.js"
import { CommandError, UsageError } from "./error.js"
import { FINE } from "./exit-codes.js"
import { isEntry, readLines, removeFile, replaceLines } from "./folder.js"
import { write } from "./output.js"
import { safe } from "./escape.js"
import { fold, times } from "./terminal.js"

/** Adds `endpoints add`, `list` and `remove`. */
export function addEndpoints(program: Command): void {
  const more =
    `Kept in <dir>/${ENDPOINTS_FILE}. It counts where start() gets no trustedEndpoints and ` +
    "VOUCHSAFE_TRUSTED_ENDPOINTS is not set."
  const api = "https://api.example.com/v1"
  const endpoints = group(program, "endpoints", {
    summary: "say where requests may go",
    more,
    examples: [`endpoints add ${api}`, "endpoints list", `endpoints remove ${api}`],
  })
  const adding = define(endpoints, "add", {
    summary: "trust endpoints; every other is refused from the next start on",
    more,
    examples: [`endpoints add ${api}`, "endpoints add 'https://api.example.com/users/{id}'"],
  }).argument("<url...>", "scheme, host and perhaps a path, in which {name} stands for a segment")
  runs(adding, add)
  runs(define(endpoints, "list", { summary: "list the trusted endpoints", more, examples: ["endpoints list"] }), list)
  const removing = define(endpoints, "remove", {
    summary: "trust endpoints no longer; without any left, requests may go anywhere",
    more,
    examples: [`endpoints remove ${api}`],
  }).argument("<url...>", "as `endpoints list` prints them")
  runs(removing, remove)
}

async function add(urls: string[], { dir, json }: Common): Promise<number> {
  for (const url of urls) check(url)
  const lines = readLines(dir, ENDPOINTS_FILE)
  const before = entriesOf(lines)
  const added = [...new Set(urls.map((url) => url.trim()))].filter((url) => !before.includes(url))
  if (added.length > 0) replaceLines(dir, ENDPOINTS_FILE, [...lines, ...added])
  const endpoints = [...before, ...added]
  write(json, { endpoints, added }, ({ width }) => {
    const all = times(endpoints.length, "endpoint")
    const now = `${times(added.length, "endpoint")} added; ${overridden() ?? `requests may go to ${all}, from the next start on.`}`
    return fold(now, "", width)
  })
  return FINE
}

async function list({ dir, json }: Common): Promise<number> {
  const endpoints = entriesOf(readLines(dir, ENDPOINTS_FILE))
  const note = overridden()
  if (note !== null) process.stderr.write(`${note}\n`)
  const none = note === null ? "None is named: requests may go anywhere." : "None is named."
  write(json, { endpoints }, () => endpoints.map(safe).join("\n") || none)
  return FINE
}

async function remove(urls: string[], { dir, json }: Common): Promise<number> {
  const lines = readLines(dir, ENDPOINTS_FILE)
  const gone = new Set(urls.map((url) => url.trim()))
  const unknown = [...gone].filter((url) => !entriesOf(lines).includes(url))
  if (unknown.length > 0)
    throw new CommandError("ENDPOINT_NOT_FOUND", `not among the trusted endpoints: ${unknown.join(", ")}`)
  const left = lines.filter((line) => !gone.has(line.trim()))
  const endpoints = entriesOf(left)
  if (endpoints.length > 0) replaceLines(dir, ENDPOINTS_FILE, left)
  else removeFile(dir, ENDPOINTS_FILE)
  write(json, { endpoints, removed: [...gone] }, ({ width }) => {
    const rest =
      endpoints.length > 0
        ? `requests may go to ${times(endpoints.length, "endpoint")}`
        : "none is left, so requests may go anywhere"
    return fold(
      `${times(gone.size, "endpoint")} removed; ${overridden() ?? `${rest}, from the next start on.`}`,
      "",
      width,
    )
  })
  return FINE
}

/** What is said where the file does not count; null where it does. */
function overridden(): string | null {
  if (process.env["VOUCHSAFE_TRUSTED_ENDPOINTS"] === undefined) return null
  return "VOUCHSAFE_TRUSTED_ENDPOINTS is set and wins over this folder's list, in every process that has it."
}

function entriesOf(lines: readonly string[]): string[] {
  return lines.filter(isEntry).map((line) => line.trim())
}

function check(url: string): void {
  try {
    Endpoint.parse(url)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
