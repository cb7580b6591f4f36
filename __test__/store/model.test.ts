import { join } from "node:path"
import test from "ava"
import { shutdown, start } from "../../index.js"
import { call } from "../conformance/scene.js"
import { temporary } from "../exit/folder.js"
import { json, startServer } from "../servers/server.js"
import { rows } from "./database.js"

test.afterEach.always(() => shutdown())

test.serial("a model's exchange keeps no body by default, and counts by its id where the evaluator asks for the kind", async (t) => {
  const server = await startServer((_request, response) => json(response, { said: 42 }))
  t.teardown(() => server.close())
  for (const modelBodies of [false, true]) {
    const dir = join(await temporary(t), "store")
    const record = { modelEndpoints: [server.url], modelBodies }
    const first = await start({ dir, record })
    await call(server.url, { tool: "ask" })
    await first.shutdown()
    const [row] = rows(dir, "SELECT id, kind FROM intercepts")
    t.is(row!["kind"], "model")
    const second = await start({ dir, record })
    const claims = [
      { rowId: row!["id"] as string, path: "said", equals: 42 },
      { rowId: row!["id"] as string, part: "status" as const, equals: 200 },
    ]
    const reasons = async (options = {}): Promise<string[]> =>
      (await second.verify(claims, options)).claims.map(({ reason }) => reason)
    t.deepEqual(await reasons(), ["untrusted_endpoint", "untrusted_endpoint"])
    const asked = await reasons({ expect: { kinds: ["model"] } })
    t.deepEqual(asked, [modelBodies ? "supported" : "unverifiable", "supported"])
    await second.shutdown()
  }
})
