/** A tool, a stub of the backend, a PostgreSQL, and an agent on them. */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { start, type Vouchsafe } from "../../index.js"
import { startPostgres, type TestPostgres } from "../../__test__/servers/postgres.js"
import { startServer } from "../server.js"
import type { StubOptions } from "../stub/options.js"
import { startStub, type Stub } from "../stub/start.js"

export interface Scene {
  postgres: TestPostgres
  /** The tool's URL if it is to take so many ms. */
  tool(ms: number): string
  close(): Promise<void>
}

export async function openScene(): Promise<Scene | { skip: string }> {
  const postgres = await startPostgres()
  if ("skip" in postgres) return postgres
  const server = await startServer()
  return {
    postgres,
    tool: (ms) => `${server.url}/after/${ms}`,
    close: async () => {
      server.stop()
      await postgres.close()
    },
  }
}

/** A backend and a database of its own. */
export interface Backend {
  stub: Stub
  postgresUrl: string
  close(): Promise<void>
}

export async function openBackend({ postgres }: Scene, options: StubOptions): Promise<Backend> {
  const stub = await startStub(options)
  const postgresUrl = postgres.url(await postgres.createDatabase())
  return { stub, postgresUrl, close: () => stub.close() }
}

/** An agent whose rows go to the database and whose claims go to the backend. */
export async function openAgent({ stub, postgresUrl }: Backend): Promise<{ vouchsafe: Vouchsafe; close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-bench-"))
  const backend = { url: stub.url, orgId: "00000000-0000-4000-8000-000000000001", token: "token", project: "bench" }
  const vouchsafe = await start({ dir, backend, store: { postgresUrl } })
  return {
    vouchsafe,
    close: async () => {
      await vouchsafe.shutdown()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
