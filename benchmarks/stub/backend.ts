/** The endpoints of the protocol, as a backend other than ours has them. */

import { setTimeout as sleep } from "node:timers/promises"
import { Catalog, type Registration } from "./catalog.js"
import { nowMs } from "./clock.js"
import type { Endpoint } from "./log.js"
import type { StubOptions } from "./options.js"
import { Query } from "./query.js"
import { ok, type Reply, refuse } from "./reply.js"
import { type Asked, type Route, Routes } from "./routes.js"

const NO_TABLE = refuse(404, "no such table")
const NO_QUERY = refuse(404, "no such query")
const WAITED = { "preference-applied": "wait" }
const DATABASES = "O/middlewares/:mw/databases"
const PREPROCESS = "O/middlewares/:mw/tables/:t/preprocess"

export class Backend {
  readonly catalog: Catalog
  readonly queries = new Map<string, Query>()
  readonly routes: Routes

  constructor(private readonly options: Required<StubOptions>) {
    this.catalog = new Catalog(options)
    this.routes = new Routes({ ...this.#handshake(), ...this.#work() })
  }

  #handshake(): Record<string, Route> {
    const { catalog } = this
    const on = (answer: Route["answer"]): Route => ({ endpoint: "handshake", answer })
    return {
      "GET /api/v1/sandboxes": on(() => refuse(404, "no sandbox")),
      "GET /api/v1/organizations": on(() => ok([])),
      "GET /api/v1/user/current": on(() => ok({ email: "agent@example.com" })),
      "GET O/middlewares": on(() =>
        ok(catalog.middlewareId === null ? [] : [{ id: catalog.middlewareId, name: "Provably Middleware" }]),
      ),
      "POST O/middlewares/provably": on(() => ok({ id: catalog.middleware() })),
      [`GET ${DATABASES}`]: on(() => ok(catalog.databases.map(({ id, name }) => ({ id, name })))),
      [`POST ${DATABASES}`]: on(async ({ body }) => ok({ id: (await catalog.register(body as unknown as Registration)).id })),
      "GET O/data": on(async () => ok(await catalog.data())),
      [`GET ${DATABASES}/:db/schemas/:s/tables/:t/columns`]: on(async ({ ids }) => {
        const database = catalog.byTable(ids[3]!)
        return database ? ok(await catalog.columns(database)) : NO_TABLE
      }),
      "GET O/collections": on(() => ok(catalog.collections.map(({ id, name }) => ({ id, name })))),
      "POST O/collections": on(({ body }) => ok({ id: catalog.collect(String(body.name), String(body.table_id)).id })),
      "POST O/integrations/ensure": on(() => ok(catalog.integration)),
    }
  }

  #work(): Record<string, Route> {
    const { catalog, queries } = this
    const on = (endpoint: Endpoint, answer: Route["answer"]): Route => ({ endpoint, answer })
    return {
      [`POST ${PREPROCESS}`]: on("POST preprocess", ({ ids }) => {
        const database = catalog.byTable(ids[1]!)
        return database ? ok({ id: database.preprocess.start().id }) : NO_TABLE
      }),
      [`GET ${PREPROCESS}`]: on("GET preprocess", (asked) => this.#status(asked)),
      "POST O/middlewares/:mw/query": on("POST query", ({ body }) => this.#query(body)),
      "POST O/queries/:q/generate_proof": on("POST generate_proof", ({ ids }) => {
        const query = queries.get(ids[0]!)
        if (!query) return NO_QUERY
        return query.prove() ? ok({}) : refuse(400, "proof already exists")
      }),
      "GET O/queries/:q": on("GET record", (asked) => this.#record(asked)),
      "POST O/queries/:q/verify": on("POST verify", ({ ids }) => {
        const query = queries.get(ids[0]!)
        if (!query) return NO_QUERY
        return query.verify() ? ok({}) : refuse(400, "there is no proof yet")
      }),
      "GET /api/v1/proof_requests/:id/download": on("GET proof", ({ ids }) => {
        const isThere = [...queries.values()].some((query) => query.hasProof(ids[0]!))
        return isThere ? ok("a proof in a form of this backend's own") : refuse(404, "no such proof")
      }),
    }
  }

  async #status({ ids, waitMs }: Asked): Promise<Reply> {
    const preprocess = this.catalog.byTable(ids[1]!)?.preprocess
    if (preprocess === undefined) return NO_TABLE
    if (this.options.longPoll && waitMs > 0) await Promise.race([preprocess.ended(), sleep(waitMs)])
    const run = preprocess.runs.at(-1)
    if (run === undefined) return refuse(404, "never run")
    const { id, status, error } = run
    return ok({ id, status, ...(error === null ? {} : { error }) }, this.#waited(waitMs))
  }

  async #query(body: Record<string, unknown>): Promise<Reply> {
    const database = this.catalog.byCollection(String(body.collection_id))
    if (!database) return refuse(404, "no such collection")
    const sql = String(body.query)
    const answer = await database.table.select(sql)
    if (answer === null) return refuse(400, `not a query that this backend answers: ${sql}`)
    const isCovered = answer.ids.every((id) => database.preprocess.covered.has(id))
    const query = new Query(sql, answer.result, isCovered, this.options)
    this.queries.set(query.id, query)
    return ok({ query_id: query.id })
  }

  async #record({ ids, waitMs }: Asked): Promise<Reply> {
    const query = this.queries.get(ids[0]!)
    if (!query) return NO_QUERY
    if (this.options.longPoll) {
      const until = Math.min(query.changesAt() ?? -Infinity, nowMs() + waitMs)
      // A timer may be a little early.
      while (nowMs() < until) await sleep(Math.ceil(until - nowMs()))
    }
    return ok(query.record(), this.#waited(waitMs))
  }

  #waited(waitMs: number): Record<string, string> {
    return this.options.longPoll && waitMs > 0 ? WAITED : {}
  }
}
