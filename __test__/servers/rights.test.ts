/** The rights that docs/server.md recommends for an agent's role, which is also the one that the server gets. */

import { join } from "node:path"
import test from "ava"
import { start, withTool } from "../../index.js"
import { temporary } from "../exit/folder.js"
import { startPostgres, type TestPostgres } from "./postgres.js"
import { startServe } from "./serve.js"
import { json, startServer } from "./server.js"

const started = await startPostgres()
const here = "skip" in started ? test.skip : test
const why = "skip" in started ? ` (skipped: ${started.skip})` : ""
const postgres = started as TestPostgres
test.after.always(() => postgres.close?.())

here(`an agent and its server need to select, insert and write leaf_index, and can edit nothing with that${why}`, async (t) => {
  const folder = await temporary(t)
  const server = await startServe(["--store", join(folder, "server"), "--quiet"])
  t.teardown(() => server.end())
  const tool = await startServer((_, response) => json(response, { price: 42 }))
  t.teardown(() => tool.close())
  const database = await postgres.createDatabase()
  const orgId = "00000000-0000-4000-8000-000000000001"
  const backend = { url: server.url, orgId, token: server.token!, project: "rights" }

  const outcome = async (name: string, postgresUrl: string): Promise<string> => {
    const vouchsafe = await start({ dir: join(folder, name), store: { postgresUrl }, backend })
    const callRef = await withTool({ name: "get_price" }, async (call) => {
      await (await fetch(tool.url)).json()
      return call.callRef
    })
    const verdict = await vouchsafe.verify([{ callRef, path: "price", equals: 42 }], { allowBackendTrust: true })
    await vouchsafe.shutdown()
    return verdict.outcome
  }
  t.is(await outcome("owner", postgres.url(database)), "PASS")
  await postgres.psql(
    database,
    `CREATE ROLE agent LOGIN PASSWORD 'of the agent';
    GRANT SELECT, INSERT, UPDATE (leaf_index) ON intercepts TO agent;
    GRANT SELECT, INSERT, UPDATE ON vouchsafe_hints TO agent`,
  )
  const url = new URL(postgres.url(database))
  ;[url.username, url.password] = ["agent", encodeURIComponent("of the agent")]
  t.is(await outcome("agent", url.href), "PASS")

  for (const sql of ["UPDATE intercepts SET raw_response = '{}'", "DELETE FROM intercepts"]) {
    await t.throwsAsync(postgres.psql(database, `SET ROLE agent; ${sql}`), { message: /permission denied/ }, sql)
  }
})
