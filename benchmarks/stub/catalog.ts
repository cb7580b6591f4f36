/** What a client makes in its handshake: middleware, databases, collections, the integration. */

import { randomUUID } from "node:crypto"
import type { StubOptions } from "./options.js"
import { Preprocess } from "./preprocess.js"
import { Table } from "./table.js"

export interface Database {
  id: string
  name: string
  schemaId: string
  tableId: string
  table: Table
  preprocess: Preprocess
  columnIds: string[]
}

/** What POST databases brings. */
export interface Registration {
  name: string
  username: string
  password: string
  uri: string
}

export interface Collection {
  id: string
  name: string
  tableId: string
}

export class Catalog {
  middlewareId: string | null = null
  readonly databases: Database[] = []
  readonly collections: Collection[] = []
  readonly integration = { id: randomUUID(), api_key: `i-${randomUUID()}` }

  constructor(private readonly options: Required<StubOptions>) {}

  middleware(): string {
    return (this.middlewareId ??= randomUUID())
  }

  /** Refused while the database cannot be read. */
  async register({ name, username, password, uri }: Registration): Promise<Database> {
    const user = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`
    const table = new Table(`postgres://${user}@${uri}/${encodeURIComponent(name)}`)
    await table.shape()
    const preprocess = new Preprocess(table, this.options)
    const ids = { id: randomUUID(), schemaId: randomUUID(), tableId: randomUUID() }
    const database = { ...ids, name, table, preprocess, columnIds: [] }
    this.databases.push(database)
    return database
  }

  collect(name: string, tableId: string): Collection {
    const collection = { id: randomUUID(), name, tableId }
    this.collections.push(collection)
    return collection
  }

  byTable(tableId: string): Database | undefined {
    return this.databases.find((database) => database.tableId === tableId)
  }

  byCollection(collectionId: string): Database | undefined {
    const collection = this.collections.find(({ id }) => id === collectionId)
    return collection && this.byTable(collection.tableId)
  }

  /** The tree of what is registered; a database without the table has no schema. */
  async data(): Promise<unknown> {
    const databases = await Promise.all(
      this.databases.map(async ({ id, name, schemaId, tableId, table }) => {
        const shape = await table.shape()
        const tables = shape && [{ id: tableId, name: shape.table }]
        return { id, name, schemas: shape ? [{ id: schemaId, name: shape.schema, tables }] : [] }
      }),
    )
    return { middlewares: this.middlewareId === null ? [] : [{ id: this.middlewareId, databases }] }
  }

  /** Columns keep the ids that they were given first. */
  async columns(database: Database): Promise<unknown> {
    const shape = await database.table.shape()
    return (shape?.columns ?? []).map((name, at) => ({ id: (database.columnIds[at] ??= randomUUID()), name }))
  }

  async close(): Promise<void> {
    await Promise.all(this.databases.map(({ table }) => table.close()))
  }
}
