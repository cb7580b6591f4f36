/** `vouchsafe trace`: the verdicts that were kept, with the exchanges that decided them. */

import { Option, type Command } from "commander"
import { listTraces, showTrace, type ListedTrace } from "../engine/folder.js"
import type { Outcome } from "../verdict.js"
import { painted } from "./claim.js"
import { define, group, numberFrom, runs, type Common } from "./command.js"
import { exitCodeOf, FINE } from "./exit-codes.js"
import { write, type Page } from "./output.js"
import { needStore } from "./store.js"
import { table } from "./table.js"
import { describeTrace } from "./trace/show.js"
import { signedRows } from "./trace/signed.js"

/** As much of an id as tells traces apart that were made in the same millisecond. */
const ID = 18

/** Adds `trace list` and `trace show`. */
export function addTrace(program: Command): void {
  const trace = group(program, "trace", {
    summary: "look at the verdicts that were kept",
    examples: ["trace list", "trace show 0197f6a2-4c1e-7b3d"],
  })
  runs(
    define(trace, "list", {
      summary: "list the newest verdicts",
      examples: ["trace list", "trace list --outcome CAUGHT --limit 5", "trace list --json"],
    })
      .option("--limit <n>", "how many", numberFrom(1, 100_000, true), 20)
      .addOption(
        new Option("--outcome <outcome>", "only those with this outcome").choices(["PASS", "CAUGHT", "ERROR"]),
      ),
    list,
  )
  runs(
    define(trace, "show", {
      summary: "show a verdict: its claims, and for each the exchange that decided it",
      more:
        "The exit code is the verdict's. Beside what was claimed stands what the exchange holds there now, with the " +
        "lines around it, and whether the log still holds its row as it is stored.",
      examples: ["trace show 0197f6a2-4c1e-7b3d", "trace show 0197f6a2-4c1e-7b3d --full"],
    })
      .argument("<id>", "the trace's id, or a beginning that no other has")
      .option("--full", "print whole headers and bodies"),
    show,
  )
}

interface ListOptions extends Common {
  limit: number
  outcome?: Outcome
}

async function list({ dir, json, limit, outcome }: ListOptions): Promise<number> {
  needStore(dir)
  const traces = await listTraces(dir, limit, outcome ?? null)
  write(json, traces, (page) => (traces.length === 0 ? "No verdict was kept." : describeList(traces, page)))
  return FINE
}

function describeList(traces: readonly ListedTrace[], { width, style }: Page): string {
  const columns = [
    { title: "id", text: ({ id }: ListedTrace) => id.slice(0, ID), whole: true },
    { title: "when", text: ({ createdUs }: ListedTrace) => timeOf(createdUs).slice(0, 16), spare: 2 },
    {
      title: "outcome",
      text: ({ outcome }: ListedTrace) => outcome,
      paint: (cell: string, { outcome }: ListedTrace) => painted(outcome, style, cell),
    },
    { title: "claims", text: countOf, spare: 3 },
    { title: "task", text: ({ task, answer }: ListedTrace) => task ?? answer ?? "", spare: 1 },
  ]
  return table(columns, traces, width, style)
}

function countOf({ claims, caught }: ListedTrace): string {
  return caught === 0 ? `${claims}` : `${claims}, ${caught} caught`
}

function timeOf(us: number): string {
  return new Date(us / 1000).toISOString().replace("T", " ")
}

interface ShowOptions extends Common {
  full?: boolean
}

async function show(id: string, { dir, json, full }: ShowOptions): Promise<number> {
  needStore(dir)
  const trace = await showTrace(dir, id)
  const signed = await signedRows(dir, trace)
  const claims = trace.claims.map((claim) => ({ ...claim, signed: signed.get(claim.exchange?.id ?? "") ?? null }))
  write(json, { ...trace, claims }, (page) => describeTrace(trace, signed, page, full ?? false))
  return exitCodeOf(trace.outcome)
}
