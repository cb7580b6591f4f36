/** The requests that the former client makes, one at a time. */

import { setTimeout as sleep } from "node:timers/promises"

/** Between two polls: the first wait, doubled up to the cap. */
export interface Floor {
  firstMs: number
  capMs: number
}

export interface Session {
  middleware: string
  table: string
  collection: string
}

interface QueryRecord {
  id: string
  result: { value: { columns: { name: string }[]; rows: unknown[][] } }
  proof: { status: string; verification_status: string } | null
}

export class OldBackend {
  readonly #base: string
  readonly #session: Promise<Session>

  constructor(
    url: string,
    private readonly floor: Floor,
    database: URL,
  ) {
    this.#base = `${url}/api/v1/organizations/00000000-0000-4000-8000-000000000001`
    this.#session = this.#handshake(database)
  }

  /** Resolves when the handshake is done. */
  ready(): Promise<Session> {
    return this.#session
  }

  /** Starts a preprocess run after the one that is under way, and waits for its end. */
  async preprocess(): Promise<void> {
    const { middleware, table } = await this.#session
    const path = `/middlewares/${middleware}/tables/${table}/preprocess`
    const status = async (): Promise<string> => ((await this.#get(path)) as { status?: string }).status ?? "unknown"
    const completed = (): Promise<string> =>
      this.#poll(status, (now) => {
        if (now === "error") throw new Error("the preprocess failed")
        return now === "completed"
      })
    if (["pending", "processing"].includes(await status())) await completed()
    await this.#post(path, { force: true })
    await completed()
  }

  /** Makes a query record and waits for its proof. */
  async query(sql: string): Promise<string> {
    const { middleware, collection } = await this.#session
    const asked = { query: sql, require_proof: true, collection_id: collection }
    const { query_id: id } = (await this.#post(`/middlewares/${middleware}/query`, asked)) as { query_id: string }
    await this.#settled(id, "status")
    return id
  }

  async verify(id: string): Promise<void> {
    await this.#post(`/queries/${id}/verify`, {})
  }

  verified(id: string): Promise<QueryRecord> {
    return this.#settled(id, "verification_status")
  }

  #settled(id: string, key: "status" | "verification_status"): Promise<QueryRecord> {
    const record = async (): Promise<QueryRecord> => (await this.#get(`/queries/${id}`)) as QueryRecord
    return this.#poll(record, ({ proof }) => {
      if (proof?.[key] === "Failed") throw new Error(`${key} of ${id} failed`)
      return proof?.[key] === "Completed" || proof?.[key] === "Verified"
    })
  }

  async #poll<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean): Promise<T> {
    for (let delay = this.floor.firstMs; ; delay = Math.min(delay * 2, this.floor.capMs)) {
      const answer = await ask()
      if (isDone(answer)) return answer
      await sleep(delay)
    }
  }

  async #handshake(database: URL): Promise<Session> {
    const middleware = await this.#made("/middlewares/provably")
    const [name, username, password] = [database.pathname.slice(1), database.username, database.password]
    const registration = { name, username, password, provider: "postgresql", uri: database.host }
    const databaseId = await this.#made(`/middlewares/${middleware}/databases`, registration)
    const { middlewares } = (await this.#get("/data")) as {
      middlewares: { databases: { id: string; schemas: { tables: { id: string }[] }[] }[] }[]
    }
    const found = middlewares.flatMap(({ databases }) => databases).find(({ id }) => id === databaseId)
    const table = found!.schemas[0]!.tables[0]!.id
    const collection = await this.#made("/collections", { name: "bench", table_id: table })
    await this.#post("/integrations/ensure", {})
    return { middleware, table, collection }
  }

  async #made(path: string, body: unknown = {}): Promise<string> {
    return ((await this.#post(path, body)) as { id: string }).id
  }

  #get(path: string): Promise<unknown> {
    return this.#ask(path, {})
  }

  #post(path: string, body: unknown): Promise<unknown> {
    return this.#ask(path, { method: "POST", body: JSON.stringify(body) })
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    const headers = { authorization: "Bearer token", "content-type": "application/json" }
    const response = await fetch(`${this.#base}${path}`, { ...init, headers })
    // A table that no run has touched yet has no status.
    if (!response.ok && response.status !== 404) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
}
