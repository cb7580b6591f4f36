import { gzipSync } from "node:zlib"
import { call, onEachEngine, reasons } from "./scene.js"

onEachEngine("status, headers and the request are parts like the body", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/made": (_request, response) => response.writeHead(201, { "X-Count": "3", "x-twice": ["a", "b"] }).end("{}"),
  })
  const callRef = await call(`${server.url}/made?page=2`, {
    method: "POST",
    body: JSON.stringify({ query: "q" }),
    headers: { "content-type": "application/json", "X-Trace": "t1" },
  })
  const verdict = await vouchsafe.verify([
    { callRef, part: "status", equals: 201 },
    { callRef, part: "headers", path: "x-count", equals: "3" },
    { callRef, part: "headers", path: "$['x-twice']", equals: "a, b" },
    { callRef, part: "request", path: "method", equals: "POST" },
    { callRef, part: "request", path: "url", equals: `${server.url}/made?page=2` },
    { callRef, part: "request", path: "headers['x-trace']", equals: "t1" },
    { callRef, part: "request", path: "body.query", equals: "q" },
    { callRef, part: "status", equals: 200 },
    { callRef, part: "headers", path: "x-missing", equals: "" },
    { callRef, part: "request", path: "body.query", equals: "other" },
  ])
  t.deepEqual(reasons(verdict), [
    ...Array.from({ length: 7 }, () => "supported" as const),
    "contradicted",
    "path_missing",
    "contradicted",
  ])
})

onEachEngine("a body is JSON if it parses, else text by its charset", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/text": (_request, response) => response.setHeader("content-type", "text/plain").end("not { json"),
    "/latin": (_request, response) =>
      response.setHeader("content-type", "text/plain; charset=iso-8859-1").end(Buffer.from("caf\u00e9", "latin1")),
    "/unnamed": (_request, response) => response.setHeader("content-type", "text/plain").end('{"a":1}'),
    "/gzip": (_request, response) => response.setHeader("content-encoding", "gzip").end(gzipSync('{"a":1}')),
  })
  const [text, latin, unnamed, gzip] = await Promise.all(
    ["text", "latin", "unnamed", "gzip"].map((path) => call(`${server.url}/${path}`)),
  )
  const verdict = await vouchsafe.verify([
    { callRef: text!, equals: "not { json" },
    { callRef: text!, contains: "json" },
    { callRef: latin!, equals: "caf\u00e9" },
    { callRef: unnamed!, path: "a", equals: 1 },
    { callRef: gzip!, path: "a", equals: 1 },
    { callRef: text!, path: "a", equals: 1 },
  ])
  t.deepEqual(reasons(verdict), ["supported", "supported", "supported", "supported", "supported", "path_missing"])
})

onEachEngine("an event stream is the list of its data, an empty body is no place", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({
    "/events": (_request, response) => {
      response.setHeader("content-type", "text/event-stream").end('event: a\ndata: {"n":1}\n\ndata: two\ndata: lines\n\n')
    },
    "/empty": (_request, response) => response.writeHead(204).end(),
  })
  const events = await call(`${server.url}/events`)
  const empty = await call(`${server.url}/empty`)
  const verdict = await vouchsafe.verify([
    { callRef: events, equals: [{ n: 1 }, "two\nlines"] },
    { callRef: events, path: "$[0].n", equals: 1 },
    { callRef: empty, equals: "" },
    { callRef: empty, path: "a", equals: 1 },
    { callRef: empty, part: "status", equals: 204 },
  ])
  t.deepEqual(reasons(verdict), ["supported", "supported", "path_missing", "path_missing", "supported"])
})

onEachEngine("a failed exchange is compared first and then says that it failed", async (t, scene) => {
  const vouchsafe = await scene.start()
  const server = await scene.serve({ "/busy": { json: { error: "busy" }, status: 503 } })
  const callRef = await call(`${server.url}/busy`)
  const verdict = await vouchsafe.verify([
    { callRef, path: "error", equals: "busy" },
    { callRef, part: "status", equals: 503 },
    { callRef, path: "error", equals: "none" },
    { callRef, path: "price", equals: 1 },
  ])
  t.deepEqual(reasons(verdict), ["supported", "supported", "failed_exchange", "failed_exchange"])
  t.regex(verdict.claims[2]!.message, /^The exchange failed: the claim says/)
})
