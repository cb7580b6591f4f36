import Anthropic from "@anthropic-ai/sdk"
import test from "ava"
import axios from "axios"
import got from "got"
import nodeFetch from "node-fetch"
import OpenAI from "openai"
import { bodyOf, json, startServer, type TestServer } from "../servers/server.js"
import { recorded } from "./collect.js"

const chunk = (content: string) => ({
  id: "c",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
})

let server: TestServer
test.before(async () => {
  server = await startServer(async (request, response) => {
    const body = await bodyOf(request)
    if (request.url === "/redirect") {
      response.writeHead(302, { location: "/prices" }).end()
    } else if (request.url === "/v1/chat/completions") {
      response.writeHead(200, { "content-type": "text/event-stream" })
      response.end(`data: ${JSON.stringify(chunk("4"))}\n\ndata: ${JSON.stringify(chunk("2"))}\n\ndata: [DONE]\n\n`)
    } else if (request.url === "/v1/messages") {
      response.writeHead(200, { "content-type": "text/event-stream" })
      const message = { id: "m", type: "message", role: "assistant", content: [], model: "m", usage: { input_tokens: 1, output_tokens: 1 } }
      for (const event of [
        { type: "message_start", message },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "42" } },
        { type: "content_block_stop", index: 0 },
        { type: "message_stop" },
      ]) {
        response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      }
      response.end()
    } else {
      json(response, { price: 42, sent: body.toString() })
    }
  })
})
test.after.always(() => server.close())

const messages = [{ role: "user" as const, content: "what is the price?" }]

test.serial("axios, got and node-fetch are recorded, with their redirects linked", async (t) => {
  const { rows } = await recorded(async () => {
    t.is((await axios.post(`${server.url}/prices`, { a: 1 })).data.price, 42)
    t.is((await axios.get(`${server.url}/redirect`)).data.price, 42)
    t.is((await got.post(`${server.url}/prices`, { json: { a: 1 } }).json<{ price: number }>()).price, 42)
    t.is((await got(`${server.url}/redirect`).json<{ price: number }>()).price, 42)
    t.is(((await (await nodeFetch(`${server.url}/redirect`)).json()) as { price: number }).price, 42)
  })
  t.is(rows.length, 8)
  const posts = rows.filter((row) => row.method === "POST")
  t.deepEqual(
    posts.map((row) => row.request?.toString()),
    ['{"a":1}', '{"a":1}'],
  )
  const hops = rows.filter((row) => row.status === 302)
  t.is(hops.length, 3)
  for (const hop of hops) t.is(rows.filter((row) => row.parent === hop.id).length, 1)
  for (const row of rows) if (row.status === 200) t.regex(row.response!.toString("latin1"), /price/)
})

test.serial("a streaming openai call is a model's exchange, without bodies, their hashes kept", async (t) => {
  const { rows } = await recorded(async () => {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "k" })
    let answer = ""
    for await (const part of await client.chat.completions.create({ model: "m", messages, stream: true })) {
      answer += part.choices[0]?.delta.content
    }
    t.is(answer, "42")
  })
  t.is(rows.length, 1)
  const row = rows[0]!
  t.is(row.kind, 1)
  t.is(row.request!.length, 0)
  t.is(row.response!.length, 0)
  t.true(row.requestLength > 0 && row.responseLength > 0)
  t.is(row.requestHash!.length, 32)
  t.is(row.responseHash!.length, 32)
})

test.serial("a streaming Anthropic call is a model's exchange, with bodies where they are asked for", async (t) => {
  const { rows } = await recorded(
    async () => {
      const client = new Anthropic({ baseURL: server.url, apiKey: "k" })
      const stream = client.messages.stream({ model: "m", max_tokens: 10, messages })
      let answer = ""
      stream.on("text", (text) => {
        answer += text
      })
      await stream.done()
      t.is(answer, "42")
    },
    { modelBodies: true },
  )
  t.is(rows.length, 1)
  t.is(rows[0]!.kind, 1)
  t.regex(rows[0]!.request!.toString(), /"messages"/)
  t.regex(rows[0]!.response!.toString(), /text_delta/)
})

test.serial("a listed endpoint is a model's; a path that looks like one and asks nothing of a model is not", async (t) => {
  const post = (path: string, body: unknown) => fetch(server.url + path, { method: "POST", body: JSON.stringify(body) })
  const { rows } = await recorded(
    async () => {
      await post("/brain/think", { question: 1 })
      await post("/inbox/messages", { to: "someone" })
      await post("/api/generate", { model: "m", prompt: "hi" })
      await post("/v1/responses", { model: "m", input: "hi" })
      await post("/prices", { messages })
    },
    { modelEndpoints: [`${server.url}/brain`] },
  )
  t.deepEqual(
    rows.map((row) => row.kind),
    [1, 0, 1, 1, 0],
  )
})
