/** Several servers on one database: what one registered and signed, another goes on with. */

import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import test from "ava"
import { temporary } from "../exit/folder.js"
import { startServe } from "../servers/serve.js"
import { printed, project, python, startScene, type Scene } from "./sdk.js"

const started = await startScene()
const here = "skip" in started ? test.skip : test.serial
const why = "skip" in started ? ` (skipped: ${started.skip})` : ""
const scene = started as Scene

test.after.always(() => scene.close?.())

here(`when a server is killed, another on the same database goes on, with the same keys and ids${why}`, async (t) => {
  const tokens = join(await temporary(t), "tokens")
  const token = "a-token-of-ones-own-0123456789"
  await writeFile(tokens, `${token}\n`, { mode: 0o600 })
  const store = scene.postgres.url(await scene.postgres.createDatabase())
  const [one, two] = await Promise.all([1, 2].map(() => startServe(["--store", store, "--token-file", tokens])))
  t.teardown(() => Promise.all([one!.end("SIGKILL"), two!.end("SIGKILL")]))
  for (const server of [one!, two!]) t.is(server.store, store.replace(/\/\/.*@/, "//"))

  const own = await project(scene)
  const record = async (server: typeof one) =>
    printed<{ ids: object; payload: object }>(
      await python({ ...scene, server: server!, token }, own, "agent.py", {
        trusted: [scene.tool.url],
        calls: [{ tool: "get_quote", url: `${scene.tool.url}/quote` }],
        claims: [{ action_name: "get_quote", claimed_value: [{ path: "price", value: "42", sourcerykit_ref: "ref:0" }] }],
      }),
    )
  const first = await record(one)
  await one!.end("SIGKILL")
  const second = await record(two)
  t.deepEqual(second.ids, first.ids)
  for (const { payload } of [first, second]) {
    const ran = await python({ ...scene, server: two!, token }, own, "evaluator.py", payload)
    t.is(printed<{ outcome: string }>(ran).outcome, "PASS")
  }
  await two!.end()
  const password = new URL(store).password
  for (const server of [one!, two!]) t.false((await server.logged()).includes(password))
})
