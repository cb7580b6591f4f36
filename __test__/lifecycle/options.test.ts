import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import test from "ava"
import {
  BackendError,
  InvalidOptionError,
  OptionsConflictError,
  shutdown,
  start,
  StoreError,
  type StartOptions,
} from "../../index.js"
import { temporary } from "../exit/folder.js"

test.afterEach.always(() => shutdown())

/** Sets environment variables for one test. */
function environment(t: { teardown(fn: () => void): void }, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name]
    process.env[name] = value
    t.teardown(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
}

const REMOTE = { url: "https://backend.example", orgId: "0190b3b0-0000-7000-8000-000000000000", token: "sesame" }

const INVALID: [string, unknown, string?][] = [
  ["dir", ""],
  ["dir", 7],
  ["store", "postgres"],
  ["store", null],
  ["store", {}, "store.postgresUrl"],
  ["store", { postgresUrl: "mysql://me:sesame@db/x" }, "store.postgresUrl"],
  ["store", { postgresUrl: "postgres://me:sesame@db/x", schema: "a" }, "store.schema"],
  ["store", { postgresUrl: "postgres://me:sesame@db:none/x" }, "store.postgresUrl"],
  ["backend", "remote"],
  ["backend", null],
  ["backend", {}, "backend.url"],
  ["backend", { ...REMOTE, url: "ftp://backend.example" }, "backend.url"],
  ["backend", { ...REMOTE, url: "https://me:sesame@backend.example" }, "backend.url"],
  ["backend", { ...REMOTE, orgId: "mine" }, "backend.orgId"],
  ["backend", { ...REMOTE, token: undefined }, "backend.token"],
  ["backend", { ...REMOTE, token: "" }, "backend.token"],
  ["backend", { ...REMOTE, token: "sesame\n" }, "backend.token"],
  ["backend", { ...REMOTE, token: 7 }, "backend.token"],
  ["backend", { ...REMOTE, apiKey: "i-sesame" }, "backend.apiKey"],
  ["backend", { ...REMOTE, project: "" }, "backend.project"],
  ["backend", { ...REMOTE, timeoutMs: 0 }, "backend.timeoutMs"],
  ["backend", { ...REMOTE, key: "sesame" }, "backend.key"],
  ["engine", "wasm"],
  ["agentId", "x".repeat(256)],
  ["debounceMs", -1],
  ["debounceMs", Number.NaN],
  ["debounceMs", "50"],
  ["maxConcurrency", 0],
  ["maxConcurrency", 1.5],
  ["trustedEndpoints", "https://a.example"],
  ["trustedEndpoints", ["nowhere"]],
  ["record", true],
  ["record", { http: 1 }, "record.http"],
  ["record", { maxBodyBytes: -1 }, "record.maxBodyBytes"],
  ["record", { include: ["http://"] }, "record.include"],
  ["record", { bodies: true }, "record.bodies"],
  ["redact", { paths: "a" }, "redact.paths"],
  ["retention", { days: "1" }, "retention.days"],
  ["retention", { maxBytes: 1.5 }, "retention.maxBytes"],
  ["origin", ""],
  ["unknown", 1],
]

test.serial("an option that cannot be is refused by its key, and nothing is made", async (t) => {
  const folder = await temporary(t)
  for (const [option, value, key = option] of INVALID) {
    const options = { dir: join(folder, "store"), [option]: value } as StartOptions
    const error = await t.throwsAsync(start(options), { instanceOf: InvalidOptionError }, `${option}: ${JSON.stringify(value)}`)
    t.like(error, { code: "INVALID_OPTION", key })
    t.true(error!.message.startsWith(`${key}: `), error!.message)
    t.notRegex(error!.message, /^(\S+: )\1/)
    t.notRegex(error!.message, /sesame/)
  }
  await t.throwsAsync(start(null as never), { instanceOf: InvalidOptionError })
  const bad = start({ dir: join(folder, "store"), redact: { paths: ["$.a[?("] } })
  t.is((await t.throwsAsync(bad, { instanceOf: InvalidOptionError }))?.key, "redact")
})

test.serial("options that differ from those that the folder is open with are refused by their key", async (t) => {
  const dir = await temporary(t)
  const first = await start({ dir })
  const CONFLICTS: [string, StartOptions][] = [
    ["debounceMs", { debounceMs: 51 }],
    ["maxConcurrency", { maxConcurrency: 4 }],
    ["redact", { redact: { headers: ["x-a"] } }],
    ["record.maxBodyBytes", { record: { maxBodyBytes: 10 } }],
    ["retention.days", { retention: { days: 1 } }],
    ["retention.maxBytes", { retention: { maxBytes: 1 } }],
    ["origin", { origin: "example.com/log" }],
    ["store", { store: { postgresUrl: "postgres://me:sesame@127.0.0.1:9/x" } }],
    ["backend", { backend: REMOTE }],
  ]
  for (const [key, options] of CONFLICTS) {
    const error = await t.throwsAsync(start({ dir, ...options }), { instanceOf: OptionsConflictError }, key)
    t.like(error, { code: "OPTIONS_CONFLICT", key })
    t.regex(error!.message, /^the folder is open in this process with (\S+ = |another `)/)
    t.true(error!.message.includes(key) && !error!.message.includes("sesame"), error!.message)
    t.regex(error!.message, /: close it first or use the same value$/)
  }
  t.is((await first.verify([{ equals: 1 }])).claims[0]!.reason, "no_evidence")
  const agreeing = await start({ dir, agentId: "other", record: { http: false }, trustedEndpoints: [] })
  await agreeing.shutdown()
})

test.serial("options of a verification are checked by their key", async (t) => {
  const instance = await start({ dir: await temporary(t) })
  const invalid: [string, unknown][] = [
    ["timeoutMs", 0],
    ["timeoutMs", Number.NaN],
    ["timeoutMs", 2 ** 31],
    ["maxConcurrency", 0],
    ["scope", "all"],
    ["signal", {}],
    ["runId", 7],
    ["agentId", null],
    ["verifierKeys", "key"],
    ["verifierKeys", ["no key"]],
    ["maxCheckpointAgeMs", -1],
    ["after", { size: 1 }],
    ["bundles", "yes"],
    ["disclose", "some"],
    ["disclose", true],
    ["includeApiKey", "yes"],
    ["allowBackendTrust", 1],
    ["timeout", 1],
  ]
  for (const [key, value] of invalid) {
    const verdict = instance.verify([{ equals: 1 }], { [key]: value })
    const error = await t.throwsAsync(verdict, { instanceOf: InvalidOptionError }, `${key}: ${JSON.stringify(value)}`)
    t.is(error?.key, key)
  }
})

test.serial("the environment fills in what options leave open, and options win", async (t) => {
  const folder = await temporary(t)
  environment(t, {
    VOUCHSAFE_DIR: join(folder, "env"),
    VOUCHSAFE_AGENT_ID: "env-agent",
    VOUCHSAFE_DEBOUNCE_MS: "10",
    VOUCHSAFE_ENGINE: "native",
    VOUCHSAFE_KEY_FILE: join(folder, "env-key"),
    VOUCHSAFE_TRUSTED_ENDPOINTS: "https://a.example, https://b.example/v1",
  })
  const first = await start()
  first.recordTool({ name: "a", output: 1 })
  const expect = { kinds: ["tool"] as ["tool"] }
  t.is((await first.verify([{ agentId: "env-agent", equals: 1 }], { expect })).outcome, "PASS")
  await t.throwsAsync(fetch("http://127.0.0.1:9/"), { message: "fetch failed" })
  await t.throwsAsync(start({ dir: join(folder, "env"), debounceMs: 11 }), { instanceOf: OptionsConflictError })
  const second = await start({ dir: join(folder, "own"), agentId: "own" })
  t.is(second.verifierKey, first.verifierKey)
  second.recordTool({ name: "a", output: 1 })
  t.is((await second.verify([{ agentId: "own", equals: 1 }], { expect })).outcome, "PASS")
  for (const [name, value] of [["VOUCHSAFE_ENGINE", "wasm"], ["VOUCHSAFE_DEBOUNCE_MS", "soon"], ["VOUCHSAFE_TRUSTED_ENDPOINTS", "nowhere"]] as const) {
    const before = process.env[name]!
    process.env[name] = value
    await t.throwsAsync(start({ dir: join(folder, "never") }), { instanceOf: InvalidOptionError }, name)
    process.env[name] = before
  }
})

test.serial("the environment names a remote backend, and options win", async (t) => {
  const folder = await temporary(t)
  environment(t, { VOUCHSAFE_BACKEND_URL: "http://127.0.0.1:9/", VOUCHSAFE_ORG_ID: REMOTE.orgId, VOUCHSAFE_TOKEN: "sesame" })
  const remote = await start({ dir: join(folder, "remote") })
  t.throws(() => remote.verifierKey, { instanceOf: BackendError, code: "BACKEND_UNSUPPORTED" })
  remote.recordTool({ name: "a", output: 1 })
  await remote.flush()
  for (const building of [remote.verify([{ equals: 1 }]), remote.buildHandoffPayload([{ equals: 1 }]), remote.commit()]) {
    const error = await t.throwsAsync(building, { instanceOf: StoreError, code: "STORE_NOT_SHARED" })
    t.regex(error!.message, /postgresUrl/)
  }
  const conflict = start({ dir: join(folder, "remote"), backend: { apiKey: "i-sesame" } })
  t.is((await t.throwsAsync(conflict, { instanceOf: OptionsConflictError }))?.key, "backend")
  const both = start({ dir: join(folder, "both"), backend: { token: "a", apiKey: "b" } })
  t.is((await t.throwsAsync(both, { instanceOf: InvalidOptionError }))?.key, "backend.apiKey")
  const embedded = await start({ dir: join(folder, "embedded"), backend: "embedded" })
  t.regex(embedded.verifierKey, /^vouchsafe\.local\//)
  process.env["VOUCHSAFE_ORG_ID"] = "mine"
  t.is((await t.throwsAsync(start({ dir: join(folder, "bad") }), { instanceOf: InvalidOptionError }))?.key, "backend.orgId")
})

test.serial("the environment names a shared store, and options win", async (t) => {
  const folder = await temporary(t)
  environment(t, { VOUCHSAFE_POSTGRES_URL: "postgres://me:sesame@127.0.0.1:9/x" })
  const dir = join(folder, "shared")
  const shared = await start({ dir })
  t.throws(() => shared.verifierKey, { instanceOf: StoreError, code: "STORE_UNAVAILABLE" })
  t.is((await t.throwsAsync(start({ dir, store: "sqlite" }), { instanceOf: OptionsConflictError }))?.key, "store")
  const alone = await start({ dir: join(folder, "alone"), store: "sqlite" })
  t.regex(alone.verifierKey, /^vouchsafe\.local\//)
  process.env["VOUCHSAFE_POSTGRES_URL"] = "mysql://me:sesame@db/x"
  const error = await t.throwsAsync(start({ dir: join(folder, "bad") }), { instanceOf: InvalidOptionError })
  t.is(error?.key, "VOUCHSAFE_POSTGRES_URL")
  t.notRegex(error!.message, /sesame/)
})

test.serial("VOUCHSAFE_TRUSTED_KEYS names the keys that count", async (t) => {
  const folder = await temporary(t)
  const signer = await start({ dir: join(folder, "a") })
  const payload = await signer.buildHandoffPayload([{ equals: 1 }])
  const other = await start({ dir: join(folder, "b") })
  const reason = async (): Promise<string> => (await other.evaluateHandoff(payload)).claims[0]!.reason
  t.is(await reason(), "unverifiable")
  await writeFile(join(folder, "keys"), `${signer.verifierKey}\n`)
  environment(t, { VOUCHSAFE_TRUSTED_KEYS: join(folder, "keys") })
  t.is(await reason(), "no_evidence")
  await writeFile(join(folder, "keys"), "# nobody\n")
  t.is(await reason(), "unverifiable")
  process.env["VOUCHSAFE_TRUSTED_KEYS"] = join(folder, "missing")
  const error = await t.throwsAsync(reason(), { instanceOf: InvalidOptionError })
  t.is(error?.key, "VOUCHSAFE_TRUSTED_KEYS")
})
