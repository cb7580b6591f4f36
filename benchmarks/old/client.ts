/**
 * What the former client does with tool calls and claims: a row and a preprocess run for each call, which the tool waits
 * for, and a query record for each claim.
 */

import { createHash, randomUUID } from "node:crypto"
import { Pool } from "pg"
import { type Floor, OldBackend } from "./backend.js"

/** What a call returned, by name. */
export interface OldClaim {
  callRef: string
  path: string
  equals: unknown
}

const LAYOUT = `CREATE TABLE IF NOT EXISTS intercepts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), agent_id varchar(255) NOT NULL, action_name varchar(255) NOT NULL,
  source_url text NOT NULL, request_payload text NOT NULL DEFAULT '{}', raw_response text NOT NULL,
  response_hash varchar(64) NOT NULL, call_ref uuid, created_at timestamp NOT NULL DEFAULT now())`
const INSERT = `INSERT INTO intercepts
  (agent_id, action_name, source_url, request_payload, raw_response, response_hash, call_ref)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`

export class OldClient {
  private constructor(
    private readonly backend: OldBackend,
    private readonly pool: Pool,
  ) {}

  static async open(url: string, postgresUrl: string, floor: Floor): Promise<OldClient> {
    const pool = new Pool({ connectionString: postgresUrl })
    await pool.query(LAYOUT)
    const backend = new OldBackend(url, floor, new URL(postgresUrl))
    await backend.ready()
    return new OldClient(backend, pool)
  }

  /** Runs a tool; returns when its row is preprocessed. */
  async tool(action: string, url: string): Promise<string> {
    const callRef = randomUUID()
    const body = JSON.stringify(await (await fetch(url)).json())
    const hash = createHash("sha256").update(body).digest("hex")
    await this.pool.query(INSERT, ["agent", action, url, "{}", body, hash, callRef])
    await this.backend.preprocess()
    return callRef
  }

  /** Whether all claims hold: each on a record of its own, one after the other. */
  async verify(claims: readonly OldClaim[]): Promise<boolean> {
    const ids: string[] = []
    for (const { callRef } of claims) {
      ids.push(await this.backend.query(`SELECT * FROM intercepts WHERE call_ref = '${callRef}'`))
    }
    for (const id of ids) await this.backend.verify(id)
    let isTrue = true
    for (const [at, { path, equals }] of claims.entries()) {
      const { columns, rows } = (await this.backend.verified(ids[at]!)).result.value
      const response = rows[0]?.[columns.findIndex(({ name }) => name === "raw_response")]
      isTrue &&= (JSON.parse(String(response)) as Record<string, unknown>)[path] === equals
    }
    return isTrue
  }

  close(): Promise<void> {
    return this.pool.end()
  }
}
