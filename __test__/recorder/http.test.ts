import { once } from "node:events"
import http from "node:http"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { createGunzip } from "node:zlib"
import test from "ava"
import { withTool } from "../../src/recorder/context.js"
import { closedPort, startServer } from "../servers/server.js"
import { patterned, startTorture, type TortureServer } from "../servers/torture.js"
import { recorded } from "./collect.js"

let server: TortureServer
test.before(async () => {
  server = await startTorture()
})
test.after.always(() => server.close())

async function responseTo(request: http.ClientRequest): Promise<http.IncomingMessage> {
  const [response] = (await once(request, "response")) as [http.IncomingMessage]
  return response
}

async function get(path: string, options: http.RequestOptions = {}): Promise<string> {
  return text(await responseTo(http.get(server.url + path, options)))
}

test.serial("a request is one row, its body pieces written as text, bytes and base64", async (t) => {
  const { result, rows } = await recorded(async () => {
    const request = http.request(`${server.url}/echo`, { method: "POST", headers: { "X-Name": "1" } })
    request.write("one ")
    request.write(Buffer.from("two "))
    request.end("dGhyZWU=", "base64")
    return text(await responseTo(request))
  })
  t.is(result, "one two three")
  t.is(rows.length, 1)
  const row = rows[0]!
  t.is(row.request!.toString(), "one two three")
  t.is(row.response!.toString(), "one two three")
  t.is(row.url, `${server.url}/echo`)
  t.is(row.httpVersion, "1.1")
  t.is(row.requestHeaders!.split("\n")[0], "x-name: 1")
  t.regex(row.requestHeaders!, new RegExp(`host: ${server.host}\n`))
  t.regex(row.responseHeaders!, /content-length: 13\n/)
})

test.serial("the context is that of the code that made the request", async (t) => {
  const { rows } = await recorded(async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => withTool({ name: `tool-${i}` }, () => get(`/bytes/${i}/1`, { agent }))),
    )
    agent.destroy()
  })
  t.is(rows.length, 10)
  for (const row of rows) {
    t.is(row.actionName, `tool-${row.url.split("/").at(-2)}`)
    t.false(row.uncertain)
  }
})

test.serial("setEncoding and a gunzip pipe leave the wire's bytes to the row", async (t) => {
  const { result, rows } = await recorded(async () => {
    const response = await responseTo(http.get(`${server.url}/json`))
    response.setEncoding("utf8")
    const plain = await text(response)
    const zipped = await responseTo(http.get(`${server.url}/gzip`))
    return [plain, await text(zipped.pipe(createGunzip()))]
  })
  t.deepEqual(result, ['{"price":42}', '{"price":"42 €"}'])
  t.is(rows[0]!.response!.toString(), '{"price":42}')
  t.is(rows[1]!.response!.readUInt16BE(0), 0x1f8b)
})

test.serial("keep-alive connections are reused as before", async (t) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const before = server.connections()
  const { rows } = await recorded(async () => {
    for (let i = 0; i < 5; i++) await get("/json", { agent })
  })
  agent.destroy()
  t.is(server.connections() - before, 1)
  t.is(rows.length, 5)
})

test.serial("expect: 100-continue is one row with the final status", async (t) => {
  const { result, rows } = await recorded(async () => {
    const request = http.request(`${server.url}/echo`, { method: "POST", headers: { expect: "100-continue" } })
    request.flushHeaders()
    await once(request, "continue")
    request.end("late")
    return text(await responseTo(request))
  })
  t.is(result, "late")
  t.deepEqual(
    rows.map((row) => [row.status, row.request?.toString()]),
    [[200, "late"]],
  )
})

test.serial("early hints are not the answer", async (t) => {
  const hinting = await startServer((_request, response) => {
    response.writeEarlyHints({ link: "</a.css>; rel=preload" }, () => response.end("done"))
  })
  const { rows } = await recorded(async () => {
    await text(await responseTo(http.get(hinting.url)))
    await (await fetch(hinting.url)).text()
  })
  await hinting.close()
  t.deepEqual(
    rows.map((row) => [row.status, row.response?.toString()]),
    [
      [200, "done"],
      [200, "done"],
    ],
  )
})

test.serial("HEAD, 204 and 304 are complete with an empty body", async (t) => {
  const { rows } = await recorded(async () => {
    await get("/json", { method: "HEAD" })
    await get("/status/204")
    await get("/status/304")
  })
  t.deepEqual(
    rows.map((row) => [row.status, row.outcome, row.response?.length]),
    [
      [200, 0, 0],
      [204, 0, 0],
      [304, 0, 0],
    ],
  )
})

test.serial("a response that nobody listens for has a row that claims no body", async (t) => {
  const { rows } = await recorded(async (collected) => {
    http.get(`${server.url}/json`)
    await collected.until(1)
  })
  t.is(rows[0]!.status, 200)
  t.is(rows[0]!.response, null)
})

test.serial("an upgrade closes its row", async (t) => {
  const upgrading = await startServer(() => {})
  upgrading.server.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
    socket.pipe(socket)
  })
  const { rows } = await recorded(async () => {
    const request = http.get(upgrading.url, { headers: { connection: "Upgrade", upgrade: "echo" } })
    const [, socket] = await once(request, "upgrade")
    socket.write("ping")
    t.is(String((await once(socket, "data"))[0]), "ping")
    socket.destroy()
  })
  await upgrading.close()
  t.deepEqual(
    rows.map((row) => [row.status, row.outcome]),
    [[101, 0]],
  )
})

test.serial("a refused connection makes a row, and so does one that fails before the request ends", async (t) => {
  const port = await closedPort()
  const { rows } = await recorded(async () => {
    await once(http.get({ host: "127.0.0.1", port, path: "/x" }), "error").catch(() => {})
    const unfinished = http.request({ host: "127.0.0.1", port, path: "/y", method: "POST" })
    await new Promise((resolve) => unfinished.on("error", resolve))
  })
  t.deepEqual(
    rows.map((row) => [row.url, row.outcome, row.error?.split(":")[0]]),
    [
      [`http://127.0.0.1:${port}/x`, 2, "ECONNREFUSED"],
      [`http://127.0.0.1:${port}/y`, 2, "ECONNREFUSED"],
    ],
  )
})

test.serial("a server that hangs up is an error, a request that is destroyed an abort", async (t) => {
  const { rows } = await recorded(async () => {
    await new Promise((resolve) => http.get(`${server.url}/hangup`).on("error", resolve))
    const silent = once(server.control, "silent")
    const request = http.get(`${server.url}/silent`)
    const error = new Promise((resolve) => request.on("error", resolve))
    await silent
    request.destroy()
    await error
  })
  t.deepEqual(
    rows.map((row) => [row.url, row.outcome]),
    [
      [`${server.url}/hangup`, 2],
      [`${server.url}/silent`, 1],
    ],
  )
})

test.serial("a reset in the middle of a body is an error, a destroyed response an abort", async (t) => {
  const { rows } = await recorded(async (collected) => {
    const broken = http.get(`${server.url}/reset`)
    broken.on("error", () => {})
    const reset = await responseTo(broken)
    const error = new Promise((resolve) => reset.on("error", resolve))
    await once(reset, "data")
    server.control.emit("next")
    await error
    const streaming = await responseTo(http.get(`${server.url}/sse/2`))
    await once(streaming, "data")
    streaming.destroy()
    await collected.until(2)
    const request = http.get(`${server.url}/sse/2`)
    const given = await responseTo(request)
    given.on("error", () => {})
    await once(given, "data")
    request.destroy()
    await collected.until(3)
    server.control.emit("next")
  })
  t.deepEqual(
    rows.map((row) => [row.outcome, row.response?.toString()]),
    [
      [2, "begun"],
      [1, "data: 0\n\n"],
      [1, "data: 0\n\n"],
    ],
  )
})

test.serial("thirty concurrent bodies are kept apart, byte for byte", async (t) => {
  const { rows } = await recorded(async () => {
    await Promise.all(Array.from({ length: 30 }, (_, seed) => get(`/bytes/${100_000 + seed}/${seed}`)))
  })
  t.is(rows.length, 30)
  for (const row of rows) {
    const [size, seed] = row.url.split("/").slice(-2).map(Number)
    t.true(row.response!.equals(patterned(size!, seed!)))
  }
})

test.serial("a Host header that names another host does not move the row's URL", async (t) => {
  const { rows } = await recorded(() => get("/json", { headers: { host: "elsewhere.example" } }))
  t.is(rows[0]!.url, `${server.url}/json`)
})

test.serial("a request over a proxy is recorded with what the proxy is asked for", async (t) => {
  const { rows } = await recorded(() => get("", { path: `${server.url}/json` }))
  t.is(rows[0]!.url, `${server.url}/json`)
})

test.serial("plain sockets are not looked at", async (t) => {
  const echo = createServer((socket) => socket.pipe(socket))
  echo.listen(0, "127.0.0.1")
  await once(echo, "listening")
  const { connect } = await import("node:net")
  const { rows } = await recorded(async () => {
    const socket = connect((echo.address() as AddressInfo).port, "127.0.0.1")
    socket.write("hi")
    t.is(String((await once(socket, "data"))[0]), "hi")
    socket.destroy()
  })
  echo.close()
  t.is(rows.length, 0)
})
