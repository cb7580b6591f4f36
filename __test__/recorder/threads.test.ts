import { execFile } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { promisify } from "node:util"
import { Worker } from "node:worker_threads"
import test from "ava"
import { json, startServer } from "../servers/server.js"
import { recorded } from "./collect.js"

const WORKER = new URL("./worker.ts", import.meta.url).href

test.serial("each worker thread records its own exchanges and no other's", async (t) => {
  const server = await startServer((_request, response) => json(response, {}))
  const { rows } = await recorded(async () => {
    const messages = await Promise.all(
      ["one", "two"].map(async (name) => {
        // tsx does not follow into worker threads by itself.
        const script = `import("tsx/esm/api").then((tsx) => (tsx.register(), import(${JSON.stringify(WORKER)})))`
        const worker = new Worker(script, { eval: true, execArgv: [], workerData: { url: `${server.url}/${name}`, name } })
        // Both are listened to from the start: the exit may come in the same turn as the message.
        const [[message]] = await Promise.all([once(worker, "message"), once(worker, "exit")])
        return message as unknown
      }),
    )
    t.deepEqual(messages, [[["one", `${server.url}/one`, 200]], [["two", `${server.url}/two`, 200]]])
  })
  await server.close()
  t.is(rows.length, 0)
})

test.serial("two copies of the recorder in one thread record once and share their contexts", async (t) => {
  const server = await startServer((_request, response) => json(response, {}))
  const copy = (await import("../../src/recorder/install.js?copy" as string)) as typeof import("../../src/recorder/install.js")
  const contexts = (await import("../../src/recorder/context.js?copy" as string)) as typeof import("../../src/recorder/context.js")
  const { rows: outer } = await recorded(async (collected) => {
    const handle = copy.installRecorder({
      sink: { record: (...all) => void (collected.emit("copy", all[4]), collected.sink.record(...all)) },
      defaults: () => ({ agentId: "second", runId: null }),
    })
    await contexts.withTool({ name: "theirs" }, async () => (await fetch(server.url)).text())
    handle.uninstall()
  })
  await server.close()
  t.deepEqual(
    outer.map((row) => [row.agentId, row.actionName]),
    [["second", "theirs"]],
  )
})

test.serial("a process with a recorder ends by itself", async (t) => {
  const install = new URL("../../src/recorder/install.ts", import.meta.url).href
  const tsx = createRequire(import.meta.url).resolve("tsx")
  const script = `import { installRecorder } from ${JSON.stringify(install)}
    installRecorder({ sink: { record() {} }, defaults: () => ({ agentId: null, runId: null }), trustedEndpoints: [] })
    await fetch("http://127.0.0.1:1234/").catch((error) => console.log(error.cause.code))`
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", tsx, "--input-type=module", "-e", script], {
    timeout: 30_000,
  })
  t.is(stdout.trim(), "UNTRUSTED_ENDPOINT")
})
