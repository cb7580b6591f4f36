import { randomBytes } from "node:crypto"
import { gzipSync } from "node:zlib"
import { recordTool } from "../../index.js"
import { call, onEachEngine, reasons } from "./scene.js"

const DEEP = 10_000

onEachEngine("JSON that is nested too deep is unverifiable, wherever it stands", async (t, scene) => {
  const vouchsafe = await scene.start()
  const lists = "[".repeat(DEEP) + "]".repeat(DEEP)
  const objects = '{"a":'.repeat(DEEP) + "1" + "}".repeat(DEEP)
  const bodies: Record<string, string> = {
    lists,
    objects,
    open: "[".repeat(100_000),
    fits: "[".repeat(128) + "]".repeat(128),
    over: "[".repeat(129) + "]".repeat(129),
  }
  const server = await scene.serve({
    ...Object.fromEntries(Object.entries(bodies).map(([name, text]) => [`/${name}`, (_request, response) => response.end(text)])),
    "/events": (_request, response) => response.setHeader("content-type", "text/event-stream").end(`data: ${lists}\n\n`),
    "/gzip": (_request, response) => response.setHeader("content-encoding", "gzip").end(gzipSync(objects)),
  })
  const found: Record<string, string> = {}
  for (const name of [...Object.keys(bodies), "events", "gzip"]) {
    const callRef = await call(`${server.url}/${name}`)
    const verdict = await vouchsafe.verify([{ callRef, equals: 1 }, { callRef, path: "$..a", equals: 1 }, { callRef, contains: "a" }])
    found[name] = [...new Set(reasons(verdict))].join(" ")
  }
  const { fits, ...rest } = found
  t.is(fits, "contradicted path_missing")
  for (const [name, reason] of Object.entries(rest)) t.is(reason, "unverifiable", name)
  const request = await call(`${server.url}/fits`, { method: "POST", body: lists })
  const asked = await vouchsafe.verify([
    { callRef: request, part: "request", path: "body", equals: 1 },
    { callRef: request, part: "request", path: "method", equals: "POST" },
  ])
  t.deepEqual(reasons(asked), ["unverifiable", "supported"])
})

onEachEngine("a body that is no JSON is text, and one that ends early is not read as whole", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/broken": (_request, response) => response.setHeader("content-type", "application/json").end('{"price": 42,}'),
    "/nan": (_request, response) => response.setHeader("content-type", "application/json").end('{"price": NaN}'),
    "/noise": (_request, response) => response.end(randomBytes(1000)),
    "/gzip": (_request, response) => response.setHeader("content-encoding", "gzip").end(randomBytes(1000)),
    "/early": (_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("12")
      setImmediate(() => response.destroy())
    },
  })
  const broken = await call(`${server.url}/broken`)
  const nan = await call(`${server.url}/nan`)
  const noise = await call(`${server.url}/noise`)
  await call(`${server.url}/gzip`, { tool: "gzip" }).catch(() => {})
  await call(`${server.url}/early`, { tool: "early" }).catch(() => {})
  const verdict = await vouchsafe.verify([
    { callRef: broken, path: "price", equals: 42 },
    { callRef: broken, equals: '{"price": 42,}' },
    { callRef: nan, path: "price", equals: 42 },
    { callRef: noise, path: "price", equals: 42 },
    { action: "gzip", path: "price", equals: 42 },
    { action: "early", equals: 12 },
    { action: "early", part: "status", equals: 200 },
  ])
  const [, , , , gzip, early, status] = reasons(verdict)
  t.deepEqual(reasons(verdict).slice(0, 4), ["path_missing", "supported", "path_missing", "path_missing"])
  t.not(gzip, "supported")
  t.deepEqual([early, status], ["unverifiable", "supported"])
})

onEachEngine("a body that inflates to far more than it was is cut", async (t, scene) => {
  const vouchsafe = await scene.start({ record: { maxBodyBytes: 1024 * 1024 } })
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, " "))
  const server = await scene.serve({
    "/": (_request, response) => response.setHeader("content-encoding", "gzip").end(bomb),
  })
  const callRef = await call(server.url)
  t.deepEqual(reasons(await vouchsafe.verify([{ callRef, contains: " " }])), ["unverifiable"])
})

onEachEngine("what a tool reports may be anything that JSON can say", async (t, scene) => {
  const vouchsafe = await scene.start()
  const expect = { kinds: ["tool"] as ["tool"] }
  recordTool({ name: "text", output: "" })
  recordTool({ name: "null", output: null })
  recordTool({ name: "nothing" })
  recordTool({ name: "big", output: { n: 2n ** 70n } })
  recordTool({ name: "lone", output: "\ud800" })
  recordTool({ name: "failed", error: new Error("no such file") })
  const verdict = await vouchsafe.verify(
    [
      { action: "text", equals: "" },
      { action: "null", equals: null },
      { action: "nothing", equals: null },
      { action: "big", path: "n", equals: "1180591620717411303424" },
      { action: "lone", equals: "\ufffd" },
      { action: "failed", equals: 1 },
    ],
    { expect },
  )
  t.deepEqual(reasons(verdict), ["supported", "supported", "path_missing", "supported", "supported", "failed_exchange"])
  t.regex(verdict.claims[5]!.message, /failed and had no response \(no such file\)/)
})
