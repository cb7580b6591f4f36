/** Starts a cluster, says where it is, and waits to be killed. */

import { dirname } from "node:path"
import { startPostgres, type TestPostgres } from "./postgres.js"

const postgres = (await startPostgres()) as TestPostgres
const data = await postgres.psql("postgres", "SHOW data_directory")
const pid = await postgres.psql("postgres", "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")
process.stdout.write(`${JSON.stringify({ folder: dirname(data), pid: Number(pid) })}\n`)
setInterval(() => {}, 60_000)
