import { createRequire } from "node:module"
import { Readable } from "node:stream"
import test, { type ExecutionContext } from "ava"
import { withTool } from "../../src/recorder/context.js"
import { startServer } from "../servers/server.js"
import { startTorture, type TortureServer } from "../servers/torture.js"
import { isUntrustedEndpoint } from "../../src/recorder/refuse/error.js"
import { recorded, type Row } from "./collect.js"

type Undici = typeof import("undici7")

const require = createRequire(import.meta.url)
const [major, minor] = process.versions.node.split(".").map(Number) as [number, number]
/** undici 8 needs Node 22.19. */
const versions = major > 22 || (major === 22 && minor >= 19) ? [6, 7, 8] : [6, 7]

let server: TortureServer
test.before(async () => {
  server = await startTorture()
})
test.after.always(() => server.close())

for (const version of versions) {
  // Loaded by the first test that needs it, so that the recorder meets it after it was installed.
  const load = (): Undici => require(`undici${version}`) as Undici

  test.serial(`undici ${version}: requests through a Pool with few connections never mix contexts`, async (t) => {
    const { rows } = await recorded(async () => {
      const { Pool } = load()
      const pool = new Pool(server.url, { connections: 2 })
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          withTool({ name: `tool-${i}` }, async () => {
            const { body } = await pool.request({ method: "GET", path: `/bytes/${i}/1` })
            await body.text()
          }),
        ),
      )
      await pool.close()
    })
    checkContexts(t, rows, (row) => `tool-${row.url.split("/").at(-2)}`, 40)
    t.true(rows.every((row) => !row.uncertain))
  })

  test.serial(`undici ${version}: a fetch through an Agent with few connections never mixes contexts`, async (t) => {
    const { rows } = await recorded(async () => {
      const { Agent, fetch } = load()
      const dispatcher = new Agent({ connections: 1, pipelining: 1 })
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          withTool({ name: `tool-${i}` }, async () => {
            await (await fetch(`${server.url}/bytes/${i}/1`, { dispatcher })).text()
          }),
        ),
      )
      await dispatcher.close()
    })
    checkContexts(t, rows, (row) => `tool-${row.url.split("/").at(-2)}`, 20)
  })

  test.serial(`undici ${version}: retries by an interceptor keep their context and their parent`, async (t) => {
    let attempts = 0
    const flaky = await startServer((_request, response) => {
      response.statusCode = ++attempts % 2 === 1 ? 503 : 200
      response.end(String(attempts))
    })
    const { rows } = await recorded(async () => {
      const { Pool, interceptors } = load()
      const pool = new Pool(flaky.url, { connections: 1 })
      const retrying = pool.compose(interceptors.retry({ minTimeout: 1, maxTimeout: 1 }))
      await Promise.all(
        Array.from({ length: 3 }, (_, i) =>
          withTool({ name: `tool-${i}` }, async () => {
            const { body } = await retrying.request({ method: "GET", path: `/${i}` })
            await body.text()
          }),
        ),
      )
      await pool.close()
    })
    await flaky.close()
    checkContexts(t, rows, (row) => `tool-${new URL(row.url).pathname.slice(1)}`, rows.length)
    t.true(rows.some((row) => row.parent !== null))
  })

  test.serial(`undici ${version}: request and response bodies, and a stream as a body`, async (t) => {
    const { rows } = await recorded(async () => {
      const { Client } = load()
      const client = new Client(server.url)
      const { body } = await client.request({ method: "POST", path: "/echo", body: "plain" })
      t.is(await body.text(), "plain")
      const streamed = await client.request({
        method: "POST",
        path: "/echo",
        body: Readable.from([Buffer.from("one "), Buffer.from("two")]),
      })
      t.is(await streamed.body.text(), "one two")
      await client.close()
    })
    t.deepEqual(
      rows.map((row) => [row.request?.toString(), row.response?.toString()]),
      [
        ["plain", "plain"],
        ["one two", "one two"],
      ],
    )
  })

  test.serial(`undici ${version}: a mocked request makes no row`, async (t) => {
    const { rows } = await recorded(async () => {
      const { MockAgent, request } = load()
      const agent = new MockAgent()
      agent.disableNetConnect()
      agent.get("http://mocked.example").intercept({ path: "/x" }).reply(200, "mocked")
      const { body } = await request("http://mocked.example/x", { dispatcher: agent })
      t.is(await body.text(), "mocked")
      await agent.close()
    })
    t.is(rows.length, 0)
  })

  test.serial(`undici ${version}: an upgrade closes its row`, async (t) => {
    const upgrading = await startServer(() => {})
    upgrading.server.on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
    })
    const { rows } = await recorded(async () => {
      const { Client } = load()
      const client = new Client(upgrading.url)
      const { socket } = await client.upgrade({ path: "/", protocol: "echo" })
      socket.destroy()
      await client.destroy()
    })
    await upgrading.close()
    t.deepEqual(
      rows.map((row) => [row.status, row.outcome]),
      [[101, 0]],
    )
  })
}

test.serial("a copy whose dispatch cannot be followed is certain of a context only while there is none", async (t) => {
  const { Pool } = hiddenCopy()
  const { rows } = await recorded(async () => {
    const pool = new Pool(server.url, { connections: 2 })
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        withTool({ name: `tool-${i}` }, async () => {
          const { body } = await pool.request({ method: "GET", path: `/bytes/${i}/1` })
          await body.text()
        }),
      ),
    )
    await pool.close()
  })
  checkContexts(t, rows, (row) => `tool-${row.url.split("/").at(-2)}`, 20)
  t.false(rows.find((row) => row.url.endsWith("/bytes/0/1"))!.uncertain)
  t.true(rows.some((row) => row.uncertain))
})

test.serial("a copy whose dispatch cannot be followed is refused in its Request", async (t) => {
  const { Client } = hiddenCopy()
  const before = server.connections()
  await recorded(
    async () => {
      const client = new Client(server.url)
      const error = await t.throwsAsync(client.request({ method: "GET", path: "/json" }))
      t.true(isUntrustedEndpoint(error))
      await client.close()
    },
    { trustedEndpoints: ["https://api.example.com"] },
  )
  t.is(server.connections(), before)
})

/** A copy as a bundler would make it: nothing of it is in require's cache. */
function hiddenCopy(): Undici {
  const others = new Map(Object.entries(require.cache))
  for (const file of others.keys()) delete require.cache[file]
  const undici = require("undici6") as Undici
  for (const file of Object.keys(require.cache)) delete require.cache[file]
  for (const [file, module] of others) require.cache[file] = module
  return undici
}

/** A row has its own context, or says that it cannot tell. */
function checkContexts(t: ExecutionContext, rows: Row[], expected: (row: Row) => string, count: number): void {
  t.is(rows.length, count)
  for (const row of rows) if (!row.uncertain) t.is(row.actionName, expected(row))
}
