/** The table of intercepts in the Postgres that was registered. */

import { type CustomTypesConfig, Pool, types } from "pg"

/** An answer as the protocol has it. */
export interface ResultSet {
  type: "resultset"
  value: { columns: { name: string }[]; rows: unknown[][] }
}

const NAMES = ["intercepts", "provably_intercepts"]
const SELECT = /^\s*SELECT \* FROM (?:provably_)?intercepts\s+WHERE [^;]+$/i

/** Values as text, but for the few whose JSON form is another. */
const asJson: CustomTypesConfig = {
  getTypeParser: (oid: number) => {
    if (oid === types.builtins.BOOL) return (text: string) => text === "t"
    if (oid === types.builtins.INT2 || oid === types.builtins.INT4) return Number
    return (text: string) => text
  },
}

export class Table {
  readonly #pool: Pool

  constructor(url: string) {
    this.#pool = new Pool({ connectionString: url, max: 8, types: asJson, connectionTimeoutMillis: 5000 })
    // A connection that is cut while it is idle is made anew by the next query.
    this.#pool.on("error", () => {})
  }

  /** The schema that has the table, its name and its columns; null while there is none. */
  async shape(): Promise<{ schema: string; table: string; columns: string[] } | null> {
    const { rows } = await this.#pool.query<{ table_schema: string; table_name: string; column_name: string }>(
      `SELECT table_schema, table_name, column_name FROM information_schema.columns
       WHERE table_name = ANY($1) ORDER BY table_name, ordinal_position`,
      [NAMES],
    )
    const first = rows[0]
    if (first === undefined) return null
    const columns = rows.filter((row) => row.table_name === first.table_name).map((row) => row.column_name)
    return { schema: first.table_schema, table: first.table_name, columns }
  }

  /** The ids of all rows that are visible now. */
  async ids(): Promise<Set<string>> {
    const { table } = (await this.shape()) ?? { table: NAMES[0]! }
    const { rows } = await this.#pool.query<{ id: string }>(`SELECT id::text AS id FROM ${table}`)
    return new Set(rows.map(({ id }) => id))
  }

  /** What a query answers, and the ids of the rows; null if it is not one that the protocol allows. */
  async select(sql: string): Promise<{ result: ResultSet; ids: string[] } | null> {
    if (!SELECT.test(sql)) return null
    const { fields, rows } = await this.#pool.query<unknown[]>({ text: sql, rowMode: "array" })
    const id = fields.findIndex(({ name }) => name === "id")
    const columns = fields.map(({ name }) => ({ name }))
    return { result: { type: "resultset", value: { columns, rows } }, ids: rows.map((row) => String(row[id])) }
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}
