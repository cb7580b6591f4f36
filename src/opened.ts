/** What start() does once the store is open. */

import type { Engine, EngineEvent, EngineOptions } from "./engine/engine.js"

/** How long it waits for a log that is in Postgres, so that its key is known. */
const LOG_MS = 2_000

/** A remote backend commits what it reads from Postgres; whoever only evaluates needs none. */
const NOT_COMMITTED: EngineEvent = {
  type: "notCommitted",
  code: "STORE_NOT_SHARED",
  message:
    "what is recorded is kept in the folder and committed by nobody: give the remote backend's database as " +
    "`store: { postgresUrl }`, or record nothing with `record: { http: false }`",
}

/** Waits for the log, not for long, and says where what is recorded will be committed by nobody. */
export async function opened(
  engine: Engine,
  records: boolean,
  { backend, postgresUrl }: EngineOptions,
  onEvent: (event: EngineEvent) => void,
): Promise<void> {
  if (records && backend && postgresUrl === null) onEvent(NOT_COMMITTED)
  await engine.opened(LOG_MS)
}
