import { stat, readFile } from "node:fs/promises"
import { join } from "node:path"
import test from "ava"
import * as vouchsafe from "../../index.js"
import { closedPort, json, startServer, type TestServer } from "../servers/server.js"
import { temporary } from "../exit/folder.js"

const { NotStartedError, start, shutdown } = vouchsafe

let server: TestServer
test.before(async () => {
  server = await startServer((_request, response) => json(response, { v: 1 }))
})
test.after.always(() => server.close())
test.afterEach.always(() => shutdown())

const get = async (): Promise<unknown> => (await fetch(server.url)).json()

test.serial("every function that needs an engine says so before start", async (t) => {
  const { verify, buildHandoffPayload, evaluateHandoff, flush, commit, pin, stats, engineInfo, recordTool } = vouchsafe
  const payload = { contract_version: "2.0", run_id: "", claims: [] }
  const calls: [string, () => unknown][] = [
    ["verify", () => verify([])],
    ["buildHandoffPayload", () => buildHandoffPayload([])],
    ["evaluateHandoff without verifierKeys", () => evaluateHandoff(payload)],
    ["flush", () => flush()],
    ["commit", () => commit()],
    ["pin", () => pin("note")],
    ["stats", () => stats()],
    ["engineInfo", () => engineInfo()],
    ["recordTool", () => recordTool({ name: "a" })],
  ]
  for (const [name, call] of calls) {
    const error = await t.throwsAsync(async () => call(), { instanceOf: NotStartedError }, name)
    t.like(error, { code: "NOT_STARTED", message: `${name} needs a started engine: call \`await start()\` first` })
  }
  await t.notThrowsAsync(shutdown())
  t.notThrows(() => vouchsafe.shutdownSync())
  t.is(vouchsafe.currentContext().agentId, "_default")
  t.false(vouchsafe.isUntrustedEndpoint(new Error("x")))
})

test.serial("the folder is private and ignored by git, and its key is not readable by others", async (t) => {
  const dir = join(await temporary(t), "deep", "er")
  const instance = await start({ dir })
  t.is((await stat(dir)).mode & 0o777, 0o700)
  t.is((await stat(join(dir, "key"))).mode & 0o777, 0o600)
  t.is((await readFile(join(dir, ".gitignore"), "utf8")).trim(), "*")
  t.regex(instance.verifierKey, /^vouchsafe\.local\/[0-9a-f]{16}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/)
  t.like(instance.engineInfo(), { engine: "native", platform: `${process.platform}-${process.arch}` })
})

test.serial("shutdown is idempotent and whatever comes after it says that nothing is started", async (t) => {
  const instance = await start({ dir: await temporary(t) })
  await get()
  const first = instance.shutdown()
  t.is(instance.shutdown(), first)
  await first
  await instance.shutdown()
  instance.shutdownSync()
  await shutdown()
  await t.throwsAsync(instance.verify([]), { instanceOf: NotStartedError })
  t.throws(() => instance.recordTool({ name: "late" }), { instanceOf: NotStartedError })
  await t.notThrowsAsync(get())
})

test.serial("a folder that is started twice is counted, the last shutdown closes it", async (t) => {
  const dir = await temporary(t)
  const first = await start({ dir })
  const second = await start({ dir: join(dir, ".", "..", dir.split("/").at(-1)!) })
  await get()
  await first.flush()
  t.deepEqual([first.stats().recorded, second.stats().recorded], [1, 1])
  t.is(first.verifierKey, second.verifierKey)
  t.is(first.runId, second.runId)
  await second.shutdown()
  t.is(vouchsafe.stats().recorded, 1)
  await get()
  t.is((await first.verify([{ path: "v", equals: 1 }])).outcome, "PASS")
  t.is(first.stats().recorded, 2)
  await first.shutdown()
  const third = await start({ dir })
  t.is(third.stats().recorded, 0)
  t.is((await third.verify([{ path: "v", equals: 1 }], { runId: first.runId })).outcome, "PASS")
})

test.serial("the functions of the module use the instance started last", async (t) => {
  const folder = await temporary(t)
  const first = await start({ dir: join(folder, "a"), agentId: "a" })
  const second = await start({ dir: join(folder, "b"), agentId: "b" })
  await get()
  t.deepEqual([first.stats().recorded, second.stats().recorded, vouchsafe.stats().recorded], [0, 1, 1])
  t.is((await vouchsafe.verify([{ path: "v", equals: 1 }])).outcome, "PASS")
  await second.shutdown()
  await get()
  t.is(vouchsafe.stats().recorded, 1)
  const [claim] = (await vouchsafe.verify([{ path: "v", equals: 1 }])).claims
  t.is(claim!.outcome, "PASS")
})

test.serial("an untrusted endpoint is refused, recorded as refused, and supports nothing", async (t) => {
  const port = await closedPort()
  const instance = await start({ dir: await temporary(t), trustedEndpoints: [server.url] })
  await get()
  const error = await t.throwsAsync(fetch(`http://127.0.0.1:${port}/elsewhere`))
  t.true(vouchsafe.isUntrustedEndpoint(error))
  const { cause } = error as { cause: InstanceType<typeof vouchsafe.UntrustedEndpointError> }
  t.like(cause, { code: "UNTRUSTED_ENDPOINT", url: `http://127.0.0.1:${port}/elsewhere` })
  t.true(cause instanceof vouchsafe.VouchsafeError)
  t.regex(cause.message, /is not a trusted endpoint, so the request was not sent\. To trust its host, add "http/)
  const verdict = await instance.verify([{ action: `GET 127.0.0.1:${port}/elsewhere`, equals: 1 }])
  t.is(verdict.claims[0]!.reason, "failed_exchange")
})

test.serial("what is not included is not recorded", async (t) => {
  const instance = await start({ dir: await temporary(t), record: { include: [server.url], exclude: [`${server.url}/private`] } })
  await get()
  await (await fetch(`${server.url}/private/1`)).text()
  await instance.flush()
  t.is(instance.stats().recorded, 1)
})
