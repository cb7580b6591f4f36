/** A backend with latencies, failures and limits of one's choice, in a process of its own. */

import { fork } from "node:child_process"
import { once } from "node:events"
import { extname } from "node:path"
import { fileURLToPath } from "node:url"
import type { Ask } from "./child.js"
import type { Logged } from "./log.js"
import type { StubOptions } from "./options.js"
import type { StubStats } from "./stats.js"

export interface Stub {
  /** The base URL, without a trailing slash. */
  readonly url: string
  stats(): Promise<StubStats>
  /** The requests since it began, or since `forget()`. */
  log(): Promise<Logged[]>
  /** Empties the log. */
  forget(): Promise<void>
  /** Behaves otherwise from now on. */
  change(options: StubOptions): Promise<void>
  /** Goes away: connections are cut and refused. What it knows stays. */
  stop(): Promise<void>
  /** Comes back at the same URL. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Runs as its parent does: from the sources with tsx, or compiled. */
const here = fileURLToPath(import.meta.url)
const CHILD = fileURLToPath(new URL(`child${extname(here)}`, import.meta.url))

export async function startStub(options: StubOptions = {}): Promise<Stub> {
  const child = fork(CHILD, [JSON.stringify(options)])
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  child.on("message", ({ id, answer }: { id: number; answer: unknown }) => waiting.get(id)?.resolve(answer))
  child.on("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the stub has ended"))
  })
  let next = 0
  const ask = async <T>(what: Ask, given?: StubOptions): Promise<T> => {
    const id = next++
    child.send({ id, ask: what, options: given })
    const answer = await new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
    waiting.delete(id)
    return answer as T
  }
  const port = await ask<number>("start")
  return {
    url: `http://127.0.0.1:${port}`,
    stats: () => ask("stats"),
    log: () => ask("log"),
    forget: () => ask("forget"),
    change: (given) => ask("change", given),
    stop: () => ask("stop"),
    start: () => ask("start"),
    close: async () => {
      const ended = once(child, "exit")
      child.disconnect()
      await ended
    },
  }
}
