/** The preprocess runs of one table: each covers the rows that were visible when it began. */

import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { nowMs } from "./clock.js"
import type { StubOptions } from "./options.js"
import type { Table } from "./table.js"

export interface Run {
  id: string
  startedAt: number
  endedAt: number | null
  status: "processing" | "completed" | "error"
  error: string | null
  /** How many rows were visible when it began. */
  rows: number
}

export class Preprocess {
  readonly runs: Run[] = []
  /** Ids of the rows that a completed run covers. */
  covered = new Set<string>()
  #ended: Promise<void> = Promise.resolve()

  constructor(
    private readonly table: Table,
    private readonly options: Required<StubOptions>,
  ) {}

  /** Starts a run. While one is under way nothing is started: what came after its begin stays uncovered. */
  start(): Run {
    const newest = this.runs.at(-1)
    if (newest?.status === "processing") return newest
    const run: Run = { id: randomUUID(), startedAt: nowMs(), endedAt: null, status: "processing", error: null, rows: 0 }
    this.runs.push(run)
    this.#ended = this.#work(run)
    return run
  }

  /** Resolves when the newest run has ended. */
  ended(): Promise<void> {
    return this.#ended
  }

  async #work(run: Run): Promise<void> {
    const timer = sleep(this.options.preprocessMs)
    try {
      const ids = await this.table.ids()
      run.rows = ids.size
      await timer
      if (this.options.failingPreprocesses > 0) {
        this.options.failingPreprocesses--
        throw new Error("the stub was told to fail")
      }
      this.covered = ids
      run.status = "completed"
    } catch (error) {
      run.status = "error"
      run.error = (error as Error).message
    }
    run.endedAt = nowMs()
  }
}
