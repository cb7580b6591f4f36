/** An agent whose rows go to a PostgreSQL of its own and whose claims go to a stub of the backend. */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import test, { type ExecutionContext } from "ava"
import { start, withTool, type Claim, type StartOptions, type Vouchsafe } from "../../index.js"
import type { StubOptions } from "../../benchmarks/stub/options.js"
import { startStub, type Stub } from "../../benchmarks/stub/start.js"
import { startPostgres, type TestPostgres } from "../servers/postgres.js"
import { json, startServer } from "../servers/server.js"

export interface Scene {
  readonly stub: Stub
  readonly postgres: TestPostgres
  readonly database: string
  /** Starts the agent, whose operations on the backend may take `timeoutMs`; it ends with the test. */
  agent(options?: StartOptions, timeoutMs?: number): Promise<Vouchsafe>
  /** Calls a tool whose answer is `{"price":42}`; resolves to the call's reference. */
  call(name?: string): Promise<string>
}

const started = await startPostgres()
const why = "skip" in started ? ` (skipped: ${started.skip})` : ""
const here = "skip" in started ? test.skip : test.serial
test.after.always(() => ("skip" in started ? undefined : started.close()))

/** A test with a stub and a database of its own. Serial, because a process has one recorder. */
export function wireTest(title: string, options: StubOptions, run: (t: ExecutionContext, scene: Scene) => Promise<void>): void {
  here(`${title}${why}`, async (t) => {
    const postgres = started as TestPostgres
    const [dir, stub, database, tool] = await Promise.all([
      mkdtemp(join(tmpdir(), "vouchsafe-")),
      startStub(options),
      postgres.createDatabase(),
      startServer((_, response) => json(response, { price: 42 })),
    ])
    const backend = { url: stub.url, orgId: "00000000-0000-4000-8000-000000000001", token: "token", project: "test" }
    const store = { postgresUrl: postgres.url(database) }
    const agents: Vouchsafe[] = []
    const scene: Scene = {
      stub,
      postgres,
      database,
      agent: async (options, timeoutMs = 25_000) => {
        const vouchsafe = await start({ dir, store, backend: { ...backend, timeoutMs }, ...options })
        agents.push(vouchsafe)
        return vouchsafe
      },
      call: (name = "price") =>
        withTool({ name }, async ({ callRef }) => {
          await (await fetch(tool.url)).json()
          return callRef
        }),
    }
    try {
      await run(t, scene)
    } finally {
      for (const agent of agents) await agent.shutdown()
      await Promise.all([stub.close(), tool.close(), rm(dir, { recursive: true, force: true })])
    }
  })
}

export const claim = (callRef: string, equals: number): Claim => ({ callRef, path: "price", equals })
