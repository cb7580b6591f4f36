import { once } from "node:events"
import http from "node:http"
import http2 from "node:http2"
import { createRequire } from "node:module"
import { connect as netConnect, type AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import Anthropic from "@anthropic-ai/sdk"
import test from "ava"
import axios from "axios"
import got from "got"
import nodeFetch from "node-fetch"
import OpenAI from "openai"
import { isUntrustedEndpoint, UntrustedEndpointError } from "../../src/recorder/refuse/error.js"
import { withoutRecording } from "../../src/recorder/context.js"
import { json, startServer, type TestServer } from "../servers/server.js"
import { recorded, type Row } from "./collect.js"

type Undici = typeof import("undici7")
const require = createRequire(import.meta.url)

let trusted: TestServer
let refused: TestServer
test.before(async () => {
  refused = await startServer((_request, response) => json(response, { refused: true }))
  trusted = await startServer((request, response) => {
    if (request.url === "/hop") response.writeHead(302, { location: `${refused.url}/landing` }).end()
    else json(response, { trusted: true })
  })
})
test.after.always(() => Promise.all([trusted.close(), refused.close()]))

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error("it was not refused")
}

/** With only `trusted` on the list, runs what must be refused and then what must work. */
async function refusing(reach: (url: string) => Promise<unknown>): Promise<{ error: Error; rows: Row[] }> {
  const before = refused.connections()
  const { result, rows } = await recorded(
    async () => {
      const error = await rejection(reach(refused.url))
      await reach(trusted.url)
      return error
    },
    { trustedEndpoints: [trusted.url] },
  )
  if (refused.connections() !== before) throw new Error("the refused side saw a connection")
  return { error: result, rows }
}

const clients: Record<string, (url: string) => Promise<unknown>> = {
  "the global fetch": async (url) => (await fetch(`${url}/x`)).text(),
  "http.get": async (url) => {
    const request = http.get(`${url}/x`)
    const [response] = (await once(request, "response")) as [http.IncomingMessage]
    return text(response)
  },
  "http.request with an agent of its own": async (url) => {
    const agent = new http.Agent({ keepAlive: true })
    try {
      const [response] = (await once(http.get(`${url}/x`, { agent }), "response")) as [http.IncomingMessage]
      return await text(response)
    } finally {
      agent.destroy()
    }
  },
  "http.request without an agent": async (url) => {
    const createConnection = (options: object) => netConnect(options as { port: number; host: string })
    const [response] = (await once(http.get(`${url}/x`, { createConnection }), "response")) as [http.IncomingMessage]
    return text(response)
  },
  "an agent that is not derived from http.Agent": async (url) => {
    const agent = {
      defaultPort: 80,
      protocol: "http:",
      addRequest(request: http.ClientRequest, options: { host: string; port: number }) {
        request.onSocket(netConnect(options.port, options.host))
      },
    }
    const [response] = (await once(http.get(`${url}/x`, { agent: agent as unknown as http.Agent }), "response")) as [
      http.IncomingMessage,
    ]
    return text(response)
  },
  axios: (url) => axios.get(`${url}/x`),
  "axios with its fetch adapter": (url) => axios.get(`${url}/x`, { adapter: "fetch" }),
  got: (url) => got(`${url}/x`, { retry: { limit: 0 } }).json(),
  "node-fetch": async (url) => (await nodeFetch(`${url}/x`)).text(),
  "undici 6, a Client": async (url) => {
    const client = new (require("undici6") as Undici).Client(url)
    return (await client.request({ method: "GET", path: "/x" })).body.text()
  },
  "undici 7, a Pool": async (url) => {
    const pool = new (require("undici7") as Undici).Pool(url, { connections: 1 })
    return (await pool.request({ method: "GET", path: "/x" })).body.text()
  },
  "undici 7, an Agent": async (url) => {
    const { Agent, request } = require("undici7") as Undici
    return (await request(`${url}/x`, { dispatcher: new Agent() })).body.text()
  },
}

for (const [name, reach] of Object.entries(clients)) {
  test.serial(`${name} is refused before any connection, and the next trusted call works`, async (t) => {
    const { error, rows } = await refusing(reach)
    t.true(isUntrustedEndpoint(error), String(error))
    t.deepEqual(
      rows.map((row) => [row.url, row.outcome]),
      [
        [`${refused.url}/x`, 2],
        [`${trusted.url}/x`, 0],
      ],
    )
    t.regex(rows[0]!.error!, /UNTRUSTED_ENDPOINT/)
  })
}

test.serial("fetch rejects with its own TypeError, whose cause says how to trust the host", async (t) => {
  const { error } = await refusing(clients["the global fetch"]!)
  t.true(error instanceof TypeError)
  t.is(error.message, "fetch failed")
  const cause = error.cause as UntrustedEndpointError
  t.true(cause instanceof UntrustedEndpointError)
  t.is(cause.code, "UNTRUSTED_ENDPOINT")
  t.true(cause.message.includes(`add "${refused.url}" to trustedEndpoints`))
})

test.serial("the openai and Anthropic clients wrap the refusal, and it is found", async (t) => {
  const body = { model: "m", messages: [{ role: "user" as const, content: "hi" }] }
  const { error: openai } = await refusing(async (url) =>
    new OpenAI({ baseURL: url, apiKey: "k", maxRetries: 0 }).chat.completions.create(body),
  )
  t.true(isUntrustedEndpoint(openai))
  const { error: anthropic } = await refusing(async (url) =>
    new Anthropic({ baseURL: url, apiKey: "k", maxRetries: 0 }).messages.create({ ...body, max_tokens: 1 }),
  )
  t.true(isUntrustedEndpoint(anthropic))
})

for (const name of ["the global fetch", "axios", "got", "node-fetch"]) {
  test.serial(`${name}: a redirect to an untrusted host is refused like a first request`, async (t) => {
    const before = refused.connections()
    const hop: Record<string, (url: string) => Promise<unknown>> = {
      "the global fetch": (url) => fetch(url),
      axios: (url) => axios.get(url),
      got: (url) => got(url, { retry: { limit: 0 } }).text(),
      "node-fetch": (url) => nodeFetch(url),
    }
    const { result, rows } = await recorded(() => rejection(hop[name]!(`${trusted.url}/hop`)), {
      trustedEndpoints: [trusted.url],
    })
    t.true(isUntrustedEndpoint(result), String(result))
    t.is(refused.connections(), before)
    const landing = rows.find((row) => row.url === `${refused.url}/landing`)!
    t.is(landing.outcome, 2)
    t.is(landing.parent, rows.find((row) => row.status === 302)!.id)
  })
}

test.serial("a warm connection is refused too", async (t) => {
  const agent = new http.Agent({ keepAlive: true })
  const reach = async (): Promise<string> => {
    const [response] = (await once(http.get(`${refused.url}/x`, { agent }), "response")) as [http.IncomingMessage]
    return text(response)
  }
  await reach()
  await recorded(
    async () => {
      t.true(isUntrustedEndpoint(await rejection(reach())))
    },
    { trustedEndpoints: [trusted.url] },
  )
  agent.destroy()
})

test.serial("http2 is refused, cold and warm, and works where it is trusted", async (t) => {
  const server = http2.createServer((_request, response) => response.end("two"))
  let sessions = 0
  server.on("session", () => sessions++)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const warm = http2.connect(url)
  await once(warm, "connect")
  await recorded(
    async () => {
      t.throws(() => warm.request({ ":path": "/" }), { instanceOf: UntrustedEndpointError })
      const cold = http2.connect(url)
      const [error] = (await once(cold, "error")) as [Error]
      t.true(isUntrustedEndpoint(error))
    },
    { trustedEndpoints: [trusted.url] },
  )
  t.is(sessions, 1)
  await recorded(
    async () => {
      const session = http2.connect(url)
      t.is(await text(session.request({ ":path": "/" })), "two")
      session.destroy()
    },
    { trustedEndpoints: [url] },
  )
  warm.destroy()
  server.close()
})

test.serial("a plain socket of another protocol is left alone", async (t) => {
  const before = refused.connections()
  await recorded(
    async () => {
      const socket = netConnect(refused.port, "127.0.0.1")
      await once(socket, "connect")
      socket.end("GET / HTTP/1.0\r\n\r\n")
      t.regex(await text(socket), /^HTTP\/1\.1 200/)
    },
    { trustedEndpoints: [trusted.url] },
  )
  t.is(refused.connections(), before + 1)
})

test.serial("a pattern with a path trusts only what lies under it", async (t) => {
  await recorded(
    async () => {
      await fetch(`${trusted.url}/v1/prices?x=1`)
      t.true(isUntrustedEndpoint(await rejection(fetch(`${trusted.url}/v10`))))
      t.true(isUntrustedEndpoint(await rejection(fetch(`${trusted.url}/v1/../admin`))))
      const request = http.get({ host: "127.0.0.1", port: trusted.port, path: "/v1/../admin" })
      t.true(isUntrustedEndpoint(await rejection(once(request, "response"))))
    },
    { trustedEndpoints: [`${trusted.url}/v1`] },
  )
})

test.serial("what a proxy is asked for is judged, not only the proxy", async (t) => {
  const before = refused.connections()
  await recorded(
    async () => {
      const absolute = http.get({ host: "127.0.0.1", port: trusted.port, path: `${refused.url}/x` })
      t.true(isUntrustedEndpoint(await rejection(once(absolute, "response"))))
      const tunnel = http.request({ host: "127.0.0.1", port: trusted.port, method: "CONNECT", path: "evil.example:443" })
      tunnel.end()
      t.true(isUntrustedEndpoint(await rejection(once(tunnel, "connect"))))
      const { ProxyAgent, request } = require("undici7") as Undici
      const dispatcher = new ProxyAgent(trusted.url)
      t.true(isUntrustedEndpoint(await rejection(request(`${refused.url}/x`, { dispatcher }))))
    },
    { trustedEndpoints: [trusted.url] },
  )
  t.is(refused.connections(), before)
})

test.serial("our own traffic is neither refused nor recorded", async (t) => {
  const { rows } = await recorded(
    async () => {
      t.is((await withoutRecording(() => fetch(refused.url))).status, 200)
      const request = withoutRecording(() => http.get(refused.url))
      const [response] = (await once(request, "response")) as [http.IncomingMessage]
      await text(response)
    },
    { trustedEndpoints: [trusted.url] },
  )
  t.is(rows.length, 0)
})

test.serial("after uninstall nothing is refused and the prototypes are as they were", async (t) => {
  const { addRequest } = http.Agent.prototype as unknown as { addRequest: unknown }
  await refusing(clients["the global fetch"]!)
  t.is((http.Agent.prototype as unknown as { addRequest: unknown }).addRequest, addRequest)
  t.false(Object.hasOwn(http.ClientRequest.prototype, "protocol"))
  t.is((await fetch(refused.url)).status, 200)
})

test("a refusal is found however deep it was wrapped", (t) => {
  const refusal = new UntrustedEndpointError("https://a.example/x")
  t.true(isUntrustedEndpoint(new Error("outer", { cause: new Error("inner", { cause: refusal }) })))
  t.true(isUntrustedEndpoint(new AggregateError([new Error("other"), refusal])))
  t.true(isUntrustedEndpoint({ code: "UNTRUSTED_ENDPOINT" }))
  t.false(isUntrustedEndpoint(new Error("other")))
  const loop = new Error("loop")
  loop.cause = loop
  t.false(isUntrustedEndpoint(loop))
  t.false(isUntrustedEndpoint(null))
})
