import { once } from "node:events"
import { setImmediate } from "node:timers/promises"
import test from "ava"
import { withTool } from "../../src/recorder/context.js"
import { openExchanges } from "../../src/recorder/open.js"
import { closedPort } from "../servers/server.js"
import { patterned, startTorture, type TortureServer } from "../servers/torture.js"
import { type Options, type Row, recorded } from "./collect.js"

let server: TortureServer
test.before(async () => {
  server = await startTorture()
})
test.after.always(() => server.close())

/** Runs the same thing without and with a recorder: what the caller sees must not differ. */
async function beside<T>(run: () => Promise<T>, options?: Options): Promise<{ bare: T; result: T; rows: Row[] }> {
  const bare = await run()
  return { bare, ...(await recorded(run, options)) }
}

async function failure(promise: Promise<unknown>): Promise<unknown[]> {
  try {
    await promise
    return ["none"]
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string } }
    return [name, message, cause?.code]
  }
}

test.serial("a fetch is one row with both bodies as they were on the wire", async (t) => {
  const { result, rows } = await recorded(async () => {
    const response = await fetch(`${server.url}/echo?q=1`, { method: "POST", body: "héllo", headers: { "X-A": "1" } })
    return response.text()
  })
  t.is(result, "héllo")
  t.is(rows.length, 1)
  const row = rows[0]!
  t.is(row.method, "POST")
  t.is(row.url, `${server.url}/echo?q=1`)
  t.is(row.status, 200)
  t.is(row.outcome, 0)
  t.is(row.request?.toString(), "héllo")
  t.is(row.response?.toString(), "héllo")
  t.is(row.responseLength, 6)
  t.is(row.responseHash, null)
  t.regex(row.requestHeaders!, /^host: 127\.0\.0\.1:\d+\n(.*\n)*x-a: 1\n/)
  t.regex(row.responseHeaders!, /content-length: 6\n/)
  t.true(row.startedUs <= row.firstByteUs && row.firstByteUs <= row.endedUs)
  t.true(Math.abs(row.startedUs / 1000 - Date.now()) < 60_000)
})

test.serial("each event of a stream arrives before the server sends the next", async (t) => {
  async function read(): Promise<string[]> {
    const response = await fetch(`${server.url}/sse/5`)
    const events: string[] = []
    const decoder = new TextDecoder()
    for await (const chunk of response.body!) {
      events.push(decoder.decode(chunk as Uint8Array))
      server.control.emit("next")
    }
    return events
  }
  const { bare, result, rows } = await beside(read)
  t.deepEqual(result, bare)
  t.is(result.length, 5)
  t.is(rows[0]!.response!.toString(), result.join(""))
})

test.serial("an abort in the middle of a body is the caller's abort, and the server sees it", async (t) => {
  async function run(): Promise<unknown[]> {
    const controller = new AbortController()
    const response = await fetch(`${server.url}/sse/2`, { signal: controller.signal })
    const reader = response.body!.getReader()
    await reader.read()
    const closed = once(server.control, "closed")
    controller.abort()
    const seen = await failure(reader.read())
    await closed
    server.control.emit("next")
    return seen
  }
  const { bare, result, rows } = await beside(run)
  t.deepEqual(result, bare)
  t.is(rows.length, 1)
  t.is(rows[0]!.outcome, 1)
  t.is(rows[0]!.response!.toString(), "data: 0\n\n")
})

test.serial("a reason of the caller's own is an abort too", async (t) => {
  const { rows } = await recorded(async (collected) => {
    const controller = new AbortController()
    const silent = once(server.control, "silent")
    const answer = failure(fetch(`${server.url}/silent`, { signal: controller.signal }))
    await silent
    controller.abort(new Error("changed my mind"))
    t.deepEqual(await answer, ["Error", "changed my mind", undefined])
    await collected.until(1)
  })
  t.is(rows[0]!.outcome, 1)
  t.is(rows[0]!.status, 0)
})

test.serial("a server's reset in the middle of a body is an error, and the caller's error is the same", async (t) => {
  async function run(): Promise<unknown[]> {
    const response = await fetch(`${server.url}/reset`)
    const reader = response.body!.getReader()
    await reader.read()
    server.control.emit("next")
    return failure(reader.read())
  }
  const { bare, result, rows } = await beside(run)
  t.deepEqual(result, bare)
  t.is(rows[0]!.outcome, 2)
  t.is(rows[0]!.status, 200)
  t.is(rows[0]!.response!.toString(), "begun")
})

test.serial("a cancelled body ends its row as aborted", async (t) => {
  const { rows } = await recorded(async (collected) => {
    const response = await fetch(`${server.url}/sse/2`)
    const reader = response.body!.getReader()
    await reader.read()
    await reader.cancel()
    await collected.until(1)
    server.control.emit("next")
  })
  t.is(rows[0]!.outcome, 1)
})

test.serial("a reader that stalls holds the server back as it does without us", async (t) => {
  async function run(): Promise<number> {
    const controller = new AbortController()
    const blocked = once(server.control, "blocked")
    const response = await fetch(`${server.url}/endless/${200 * 1024 * 1024}`, { signal: controller.signal })
    await response.body!.getReader().read()
    await blocked
    let quiet = 0
    let written = server.written()
    while (quiet < 500) {
      await setImmediate()
      quiet = server.written() === written ? quiet + 1 : 0
      written = server.written()
    }
    const closed = once(server.control, "closed")
    controller.abort()
    await closed
    return written
  }
  const { bare, result } = await beside(run)
  t.true(bare < 64 * 1024 * 1024)
  t.true(result < 64 * 1024 * 1024, `${result} bytes were written for a reader that stalls`)
})

test.serial("thirty concurrent bodies are kept apart, byte for byte", async (t) => {
  const { rows } = await recorded(async () => {
    const bodies = await Promise.all(
      Array.from({ length: 30 }, async (_, seed) => {
        const response = await fetch(`${server.url}/bytes/${100_000 + seed}/${seed}`)
        return Buffer.from(await response.arrayBuffer())
      }),
    )
    bodies.forEach((body, seed) => t.true(body.equals(patterned(100_000 + seed, seed))))
  })
  t.is(rows.length, 30)
  for (const row of rows) {
    const [size, seed] = row.url.split("/").slice(-2).map(Number)
    t.true(row.response!.equals(patterned(size!, seed!)))
  }
})

test.serial("a compressed body is recorded compressed", async (t) => {
  const { result, rows } = await recorded(async () => (await fetch(`${server.url}/gzip`)).json())
  t.deepEqual(result, { price: "42 €" })
  t.is(rows[0]!.response!.readUInt16BE(0), 0x1f8b)
})

test.serial("connections are reused as before", async (t) => {
  const before = server.connections()
  await recorded(async () => {
    for (let i = 0; i < 5; i++) await (await fetch(`${server.url}/json`)).text()
  })
  t.true(server.connections() - before <= 1)
})

test.serial("a redirect's hop has the first response as its parent", async (t) => {
  const { result, rows } = await recorded(async () => {
    const response = await fetch(`${server.url}/redirect/302?to=/redirect/307%3Fto=/json%23part`)
    return [response.redirected, await response.json()]
  })
  t.deepEqual(result, [true, { price: 42 }])
  const byStatus = new Map(rows.map((row) => [`${row.status}`, row]))
  t.is(rows.length, 3)
  t.is(byStatus.get("302")!.parent, null)
  t.is(byStatus.get("307")!.parent, byStatus.get("302")!.id)
  t.is(byStatus.get("200")!.parent, byStatus.get("307")!.id)
  t.is(byStatus.get("200")!.id, null)
})

test.serial("a retry in the same tool call has the failed attempt as its parent, another call has not", async (t) => {
  const { rows } = await recorded(async () => {
    await withTool({ name: "prices" }, async () => {
      await (await fetch(`${server.url}/status/503`)).text()
      await (await fetch(`${server.url}/status/503`)).text()
    })
    await withTool({ name: "prices" }, async () => (await fetch(`${server.url}/status/503`)).text())
  })
  t.truthy(rows[0]!.id)
  t.is(rows[1]!.parent, rows[0]!.id)
  t.is(rows[2]!.parent, null)
})

test.serial("a fetch that was aborted before it began makes no row", async (t) => {
  const { rows } = await recorded(() => failure(fetch(`${server.url}/json`, { signal: AbortSignal.abort() })))
  t.is(rows.length, 0)
})

test.serial("a refused connection makes a row with its error", async (t) => {
  const port = await closedPort()
  const { bare, result, rows } = await beside(() => failure(fetch(`http://127.0.0.1:${port}/x`)))
  t.deepEqual(result, bare)
  t.is(rows.length, 1)
  t.is(rows[0]!.outcome, 2)
  t.regex(rows[0]!.error!, /ECONNREFUSED/)
  t.is(rows[0]!.response, null)
})

test.serial("HEAD, 204 and 304 are complete with an empty body", async (t) => {
  const { rows } = await recorded(async () => {
    await fetch(`${server.url}/json`, { method: "HEAD" })
    await fetch(`${server.url}/status/204`)
    await fetch(`${server.url}/status/304`)
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

test.serial("beyond the cap bytes are hashed and not kept", async (t) => {
  const { createHash } = await import("node:crypto")
  const body = patterned(50_000, 1)
  const { rows } = await recorded(
    async () => {
      const response = await fetch(`${server.url}/echo`, { method: "POST", body })
      t.true(Buffer.from(await response.arrayBuffer()).equals(body))
    },
    { maxBodyBytes: 1000 },
  )
  const row = rows[0]!
  const hash = createHash("sha256").update(body).digest()
  t.true(row.request!.equals(body.subarray(0, 1000)))
  t.true(row.response!.equals(body.subarray(0, 1000)))
  t.deepEqual([row.requestLength, row.responseLength], [50_000, 50_000])
  t.true(row.requestHash!.equals(hash))
  t.true(row.responseHash!.equals(hash))
})

test.serial("an exchange is open from its request to its end, and done is awaited by whoever asks", async (t) => {
  await recorded(async (collected) => {
    const response = await withTool({ name: "stream", id: "call_1" }, () => fetch(`${server.url}/sse/1`))
    const open = [...openExchanges()]
    t.is(open.length, 1)
    t.is(open[0]!.context.actionName, "stream")
    t.is(open[0]!.context.toolCallId, "call_1")
    const done = open[0]!.done
    server.control.emit("next")
    await response.text()
    await done
    t.is(collected.rows.length, 1)
    t.is([...openExchanges()].length, 0)
  })
})

test.serial("include and exclude choose what is recorded", async (t) => {
  const { rows } = await recorded(
    async () => {
      await fetch(`${server.url}/json`)
      await fetch(`${server.url}/status/200`)
      await fetch(`${server.url}/status/204`)
    },
    { include: [`${server.url}/status`], exclude: [`${server.url}/status/204`] },
  )
  t.deepEqual(
    rows.map((row) => row.url),
    [`${server.url}/status/200`],
  )
})

test.serial("a sink that throws is counted and reported once, and the caller's fetch is whole", async (t) => {
  const { installRecorder } = await import("../../src/recorder/install.js")
  const { recordErrors } = await import("../../src/recorder/failures.js")
  const reports: string[] = []
  const before = recordErrors()
  const handle = installRecorder({
    sink: {
      record() {
        throw new Error("full")
      },
    },
    defaults: () => ({ agentId: null, runId: null }),
    onError: (where) => reports.push(where),
  })
  t.deepEqual(await (await fetch(`${server.url}/json`)).json(), { price: 42 })
  t.deepEqual(await (await fetch(`${server.url}/json`)).json(), { price: 42 })
  handle.uninstall()
  t.is(recordErrors() - before, 2)
  t.deepEqual(reports, ["sink"])
})

test.serial("after uninstall nothing is recorded, and of two installations the newest sink wins", async (t) => {
  const { rows: outer } = await recorded(async () => {
    await fetch(`${server.url}/status/200`)
    const { rows: inner } = await recorded(async () => {
      await fetch(`${server.url}/status/201`)
    })
    t.deepEqual(
      inner.map((row) => row.status),
      [201],
    )
    await fetch(`${server.url}/status/202`)
  })
  await fetch(`${server.url}/status/203`)
  t.deepEqual(
    outer.map((row) => row.status),
    [200, 202],
  )
})
