/**
 * `vouchsafe doctor`: is everything as it should be, and how is it mended?
 *
 *   doctor/engine.ts, folder.ts, store.ts, key.ts, taps.ts, clock.ts, disk.ts, coverage.ts   a check each
 */

import type { Command } from "commander"
import { inspectStore } from "../engine/folder.js"
import { define, runs, type Common } from "./command.js"
import { checkClock } from "./doctor/clock.js"
import { checkCoverage } from "./doctor/coverage.js"
import { checkDisk } from "./doctor/disk.js"
import { checkEngine } from "./doctor/engine.js"
import { expected, type Finding } from "./doctor/finding.js"
import { checkFolder } from "./doctor/folder.js"
import { checkKey } from "./doctor/key.js"
import { checkStore } from "./doctor/store.js"
import { checkTaps } from "./doctor/taps.js"
import { FAILED, FINE } from "./exit-codes.js"
import { safe } from "./escape.js"
import { write, type Page } from "./output.js"
import { fit, fold } from "./terminal.js"

/** Adds `doctor`. */
export function addDoctor(program: Command): void {
  const command = define(program, "doctor", {
    summary: "check engine, store, key, taps, clock and disk, and say how to mend them",
    more: "Exits with 2 where something is broken; a warning is not.",
    examples: ["doctor", "doctor --json"],
  })
  runs(command, doctor)
}

async function doctor({ dir, json }: Common): Promise<number> {
  const findings = await examine(dir)
  const ok = findings.every(({ state }) => state !== "broken")
  write(json, { ok, findings }, (page) => findings.map((finding) => describe(finding, page)).join("\n"))
  return ok ? FINE : FAILED
}

async function examine(dir: string): Promise<Finding[]> {
  const engine = checkEngine()
  if (engine.state === "broken") return [engine]
  const taps = await checkTaps()
  const facts = await expected("store", () => inspectStore(dir))
  if ("state" in facts) return [engine, taps, facts]
  return [
    engine,
    ...checkFolder(dir),
    ...checkStore(facts),
    await checkKey(dir),
    taps,
    checkClock(facts, Date.now()),
    checkDisk(dir),
    ...checkCoverage(facts),
  ]
}

const MARKS = { ok: "✓", warning: "!", broken: "✗" }
const NAME = 10

function describe({ check, state, message, mend }: Finding, { style, width }: Page): string {
  const paint = { ok: style.good, warning: style.accent, broken: style.bad }[state]
  const indent = " ".repeat(NAME + 2)
  const text = [message, ...(mend === null ? [] : [`→ ${mend}`])].map((line) => fold(safe(line), indent, width))
  return `${paint(MARKS[state])} ${fit(check, NAME)}${text.join("\n").slice(indent.length)}`
}
