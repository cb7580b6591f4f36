import { configureIndexing, recordTool, shutdown, start, verify, withTool } from "../../index.js"
import { call, onEachEngine, reasons } from "./scene.js"

onEachEngine("two starts of one folder share a run, so that each finds what the other recorded", async (t, scene) => {
  const server = await scene.serve({ "/": { json: { v: 1 } } })
  const first = await scene.start()
  await call(`${server.url}/`, { tool: "get" })
  const second = await scene.start()
  t.is(second.runId, first.runId)
  t.deepEqual(reasons(await second.verify([{ action: "get", path: "v", equals: 1 }])), ["supported"])
})

onEachEngine("what is excluded, or goes to another instance, is not taken for something that never happened", async (t, scene) => {
  const server = await scene.serve({ "/": { json: { v: 1 } } })
  const first = await scene.start({ record: { exclude: [server.url] } })
  await call(`${server.url}/`, { tool: "get" })
  const claims = [{ action: "get", path: "v", equals: 1 }]
  t.deepEqual(reasons(await first.verify(claims)), ["unverifiable"])
  await shutdown()
  const superseded = await scene.start()
  await start({ dir: `${scene.folder}/other` })
  await call(`${server.url}/`, { tool: "get" })
  t.deepEqual(reasons(await superseded.verify(claims)), ["unverifiable"])
})

onEachEngine("a start that nobody awaits takes records and claims at once", async (t, scene) => {
  process.env["VOUCHSAFE_DIR"] = scene.dir
  t.teardown(() => delete process.env["VOUCHSAFE_DIR"])
  void configureIndexing({ enableIndexing: true })
  const { callRef } = recordTool({ name: "sum", output: 3 })
  const verdict = await verify([{ callRef, equals: 3 }], { expect: { kinds: ["tool"] } })
  t.deepEqual(reasons(verdict), ["supported"])
})

onEachEngine("of a call with more exchanges than a record carries only the last is proven, and what is not seen accuses nobody", async (t, scene) => {
  const vouchsafe = await scene.start()
  const { callRef } = await withTool({ name: "many" }, async (tool) => {
    for (let n = 0; n < 300; n++) recordTool({ name: "many", output: { n } })
    return tool
  })
  const claim = (n: number) => ({ callRef, path: "n", equals: n })
  const verdict = await vouchsafe.verify([claim(299), claim(50), claim(0)], { expect: { kinds: ["tool"] } })
  t.deepEqual(reasons(verdict), ["supported", "unverifiable", "unverifiable"])
  t.regex(verdict.claims[2]!.message, /newest 256 exchanges/)
})

onEachEngine("a wire claim on a finished call does not wait for another exchange that is open", async (t, scene) => {
  const vouchsafe = await scene.start()
  let release = (): void => {}
  const server = await scene.serve({
    "/": { json: { v: 1 } },
    "/stream": (_request, response) => {
      response.write("data: 1\n\n")
      release = () => response.end()
    },
  })
  const callRef = await call(`${server.url}/`, { tool: "get" })
  const stream = await fetch(`${server.url}/stream`)
  const wire = { verification_mode: "field_extraction", call_ref: callRef, claimed_value: [1, 1].map((value) => ({ path: "v", value })) }
  const verdict = await vouchsafe.verify([wire, { path: "v", equals: 1 }])
  t.deepEqual(reasons(verdict), ["supported", "supported", "unverifiable"])
  release()
  await stream.text()
})

onEachEngine("an abort ends the call at once, with the signal's reason", async (t, scene) => {
  const vouchsafe = await scene.start()
  recordTool({ name: "sum", output: 3 })
  const controller = new AbortController()
  const verdict = vouchsafe.verify([{ action: "sum", equals: 3 }], { signal: controller.signal })
  controller.abort(new Error("enough"))
  await t.throwsAsync(verdict, { message: "enough" })
})
