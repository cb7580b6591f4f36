/** A thread that makes requests, and records them or does not. */

import { get } from "node:http"
import { parentPort, workerData } from "node:worker_threads"
import type { EngineOptions } from "../src/engine/engine.js"
import { nativeModule } from "../src/engine/native.js"
import { installRecorder } from "../src/recorder/install.js"
import type { Sink } from "../src/recorder/sink.js"
import { p50Us } from "./harness.js"

/** Not recorded; recorded into nothing; recorded into the engine. */
export type Variant = "off" | "tap" | "on"
export type Client = "fetch" | "http.get"
export interface Task {
  client: Client
  url: string
}

const REQUESTS = 200

const clients: Record<Client, (url: string) => Promise<unknown>> = {
  fetch: async (url) => (await fetch(url)).json(),
  "http.get": (url) =>
    new Promise((resolve, reject) => {
      const request = get(url, (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
      })
      request.on("error", reject)
    }),
}

const { variant, dir, options } = workerData as { variant: Variant; dir: string; options: EngineOptions }
const engine = variant === "on" ? await nativeModule(false).open(dir, options, () => {}, null) : null
if (variant !== "off") {
  const sink: Sink = engine ?? { record: () => {} }
  installRecorder({ sink, defaults: () => ({ agentId: "_default", runId: "run" }) })
}

parentPort!.on("message", async ({ client, url }: Task) => {
  const p50 = await p50Us(REQUESTS, () => clients[client](url))
  // What the engine has still to do is not to slow the next block.
  await engine?.commit()
  parentPort!.postMessage(p50)
})
