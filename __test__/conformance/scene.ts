/** One test of the public API: a folder and a server of its own, and an engine; everything is taken away afterwards. */

import { mkdtemp, rm } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import test, { type ExecutionContext } from "ava"
import { shutdown, start, withTool, type Reason, type StartOptions, type Verdict, type Vouchsafe } from "../../index.js"
import { json, startServer, type TestServer } from "../servers/server.js"

/** The engines that every case of this folder runs on; the one place that names them. */
const ENGINES = (process.env["VOUCHSAFE_TEST_ENGINES"] ?? "native").split(",") as NonNullable<StartOptions["engine"]>[]

/** What a route answers: a value as JSON with status 200, or whatever it writes itself. */
export type Route = ((request: IncomingMessage, response: ServerResponse) => void) | { json: unknown; status?: number }

export interface Scene {
  readonly engine: NonNullable<StartOptions["engine"]>
  /** The store's folder; not made yet. */
  readonly dir: string
  /** A folder for whatever else the test needs. */
  readonly folder: string
  start(options?: StartOptions): Promise<Vouchsafe>
  /** A server with these paths; all others are 404. */
  serve(routes: Record<string, Route>): Promise<TestServer>
}

/** Registers the test once for each engine. Serial, because a process has one recorder. */
export function onEachEngine(title: string, run: (t: ExecutionContext, scene: Scene) => Promise<void>): void {
  for (const engine of ENGINES) {
    test.serial(`${engine}: ${title}`, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "vouchsafe-"))
      const dir = join(folder, "store")
      const servers: TestServer[] = []
      const scene: Scene = {
        engine,
        dir,
        folder,
        start: (options) => start({ dir, engine, ...options }),
        serve: async (routes) => {
          const server = await startServer((request, response) => answer(routes, request, response))
          servers.push(server)
          return server
        },
      }
      try {
        await run(t, scene)
      } finally {
        await shutdown()
        await Promise.all(servers.map((server) => server.close()))
        await rm(folder, { recursive: true, force: true })
      }
    })
  }
}

function answer(routes: Record<string, Route>, request: IncomingMessage, response: ServerResponse): void {
  const route = routes[(request.url ?? "/").split("?", 1)[0]!]
  if (typeof route === "function") route(request, response)
  else if (route) json(response, route.json, route.status)
  else response.writeHead(404).end()
}

/** Fetches as a tool and reads the body; the call's reference. */
export function call(url: string, init?: RequestInit & { tool?: string; id?: string }): Promise<string> {
  const { tool = "tool", id, ...request } = init ?? {}
  return withTool({ name: tool, ...(id === undefined ? {} : { id }) }, async ({ callRef }) => {
    await (await fetch(url, request)).arrayBuffer()
    return callRef
  })
}

/** The reasons of a verdict, claim by claim. */
export function reasons(verdict: Verdict): Reason[] {
  return verdict.claims.map(({ reason }) => reason)
}
