import { once } from "node:events"
import type { ServerResponse } from "node:http"
import { call, onEachEngine, reasons } from "./scene.js"
import { withTool } from "../../index.js"

onEachEngine("verify waits for an open exchange that the claim asks about", async (t, scene) => {
  const vouchsafe = await scene.start()
  let held: ServerResponse | null = null
  const server = await scene.serve({ "/slow": (_request, response) => void (held = response) })
  const running = call(`${server.url}/slow`, { tool: "slow" })
  await once(server.server, "request")
  const verdict = vouchsafe.verify([{ action: "slow", path: "v", equals: 1 }])
  held!.end('{"v":1}')
  t.deepEqual(reasons(await verdict), ["supported"])
  await running
})

onEachEngine("what is still open after a second is unverifiable, and claims on others are not held up", async (t, scene) => {
  const vouchsafe = await scene.start()
  let held: ServerResponse | null = null
  const server = await scene.serve({
    "/never": (_request, response) => void (held = response),
    "/done": { json: { v: 1 } },
  })
  const done = await call(`${server.url}/done`, { tool: "done" })
  let callRef = ""
  const running = withTool({ name: "never" }, async (call) => {
    callRef = call.callRef
    await (await fetch(`${server.url}/never`)).text()
  })
  await once(server.server, "request")
  const began = performance.now()
  const verdict = await vouchsafe.verify([
    { action: "never", path: "v", equals: 1 },
    { callRef, path: "v", equals: 1 },
    { callRef: done, path: "v", equals: 1 },
    // The latest exchange of the agent is the open one.
    { path: "v", equals: 1 },
  ])
  const took = performance.now() - began
  t.deepEqual(reasons(verdict), ["unverifiable", "unverifiable", "supported", "unverifiable"])
  t.regex(verdict.claims[0]!.message, /has not ended/)
  t.true(took >= 990, `${took} ms`)
  const others = performance.now()
  t.is((await vouchsafe.verify([{ callRef: done, path: "v", equals: 1 }])).outcome, "PASS")
  t.true(performance.now() - others < 900)
  held!.end('{"v":1}')
  await running
  t.is((await vouchsafe.verify([{ callRef, path: "v", equals: 1 }])).outcome, "PASS")
})

onEachEngine("an open model exchange is not waited for", async (t, scene) => {
  let held: ServerResponse | null = null
  const server = await scene.serve({ "/v1": (_request, response) => void (held = response) })
  const vouchsafe = await scene.start({ record: { modelEndpoints: [server.url] } })
  const running = call(`${server.url}/v1`, { tool: "ask" })
  await once(server.server, "request")
  const began = performance.now()
  t.deepEqual(reasons(await vouchsafe.verify([{ action: "ask", equals: 1 }])), ["no_evidence"])
  t.true(performance.now() - began < 900)
  held!.end("{}")
  await running
})

onEachEngine("a signal ends the wait with its reason", async (t, scene) => {
  const vouchsafe = await scene.start()
  let held: ServerResponse | null = null
  const server = await scene.serve({ "/never": (_request, response) => void (held = response) })
  const running = call(`${server.url}/never`, { tool: "never" })
  await once(server.server, "request")
  const why = new Error("enough")
  const controller = new AbortController()
  const verdict = vouchsafe.verify([{ action: "never", equals: 1 }], { signal: controller.signal })
  controller.abort(why)
  t.is(await t.throwsAsync(verdict), why)
  t.is(await t.throwsAsync(vouchsafe.verify([{ equals: 1 }], { signal: AbortSignal.abort(why) })), why)
  held!.end("{}")
  await running
})

onEachEngine("without the word that an exchange is under way an earlier one still decides nothing", async (t, scene) => {
  const vouchsafe = await scene.start()
  let held: ServerResponse | null = null
  const server = await scene.serve({ "/done": { json: { v: 1 } }, "/slow": (_request, response) => void (held = response) })
  await call(`${server.url}/done`, { tool: "get" })
  const running = call(`${server.url}/slow`, { tool: "get" })
  await once(server.server, "request")
  const payload = await vouchsafe.buildHandoffPayload([{ action: "get", path: "v", equals: 1 }, { path: "v", equals: 2 }])
  held!.end('{"v":2}')
  await running
  const whole = await vouchsafe.evaluateHandoff(payload)
  t.deepEqual(reasons(whole), ["unverifiable", "unverifiable"])
  t.regex(whole.claims[0]!.message, /has not ended/)
  for (const one of Object.values(payload["circumstances"] as Record<string, { open: boolean }>)) one.open = false
  t.deepEqual(reasons(await vouchsafe.evaluateHandoff(payload)), ["unverifiable", "unverifiable"])
})
