import { once } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { join } from "node:path"
import test, { type ExecutionContext } from "ava"
import {
  evaluateHandoff,
  NotStartedError,
  shutdown,
  start,
  stats,
  type RemoteBackend,
  type Vouchsafe,
} from "../../index.js"
import { temporary } from "../exit/folder.js"
import { startThread } from "../exit/thread.js"
import { json, startServer } from "../servers/server.js"

const ORG = "0190b3b0-0000-7000-8000-000000000001"
const QUERY = "0190b3b0-0000-7000-8000-000000000002"
const CALL = "0190b3b0-0000-7000-8000-000000000003"
const ROW = {
  id: "0190b3b0-0000-7000-8000-000000000004",
  agent_id: "fetch_and_claim",
  action_name: "price",
  source_url: "https://api.example.com/price",
  request_payload: "{}",
  raw_response: '{"price": 42}',
  response_hash: "0".repeat(64),
  call_ref: CALL,
  created_at: "2026-01-01T00:00:00",
}
/** As the Python SDK writes one. */
const PAYLOAD = {
  contract_version: "2.0",
  run_id: null,
  query_ids: [QUERY],
  claims: [
    {
      action_name: "price",
      call_ref: CALL,
      query_id: QUERY,
      verification_mode: "field_extraction",
      claimed_value: [{ path: "price", value: "42", sourcerykit_ref: CALL }],
    },
  ],
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A record that says that it is verified. */
function record(response: ServerResponse): void {
  json(response, {
    id: QUERY,
    sql_query: `SELECT * FROM intercepts WHERE call_ref = '${CALL}'`,
    result: {
      type: "resultset",
      value: { columns: Object.keys(ROW).map((name) => ({ name })), rows: [Object.values(ROW)] },
    },
    proof: { id: QUERY, status: "Completed", verification_status: "Verified", execution_time_ms: 1, verification_time_ms: 1 },
  })
}

async function connected(t: ExecutionContext, answer: Answer, given: RemoteBackend): Promise<Vouchsafe> {
  const server = await startServer(answer)
  t.teardown(() => server.close())
  const backend = { url: server.url, orgId: ORG, ...given }
  return start({ dir: join(await temporary(t), "store"), backend, trustedEndpoints: ["https://api.example.com"] })
}

test.afterEach.always(() => shutdown())

test.serial("a token is asked for when it is needed, and again when it was refused", async (t) => {
  const bearers: (string | undefined)[] = []
  let given = 0
  const answer: Answer = (request, response) => {
    bearers.push(request.headers.authorization)
    if (request.headers.authorization === "Bearer token-2") record(response)
    else json(response, { description: "expired" }, 401)
  }
  const vouchsafe = await connected(t, answer, { token: async () => `token-${++given}` })
  t.is(given, 0)
  const verdict = await vouchsafe.evaluateHandoff(PAYLOAD, { allowBackendTrust: true })
  t.is(verdict.outcome, "PASS", JSON.stringify(verdict))
  t.is(verdict.claims[0]!.proof!.trust, "backend")
  t.deepEqual(bearers, ["Bearer token-1", "Bearer token-2"])
  t.is(verdict.counts.requests, 2)
  await vouchsafe.evaluateHandoff(PAYLOAD, { allowBackendTrust: true })
  t.is(given, 2, "the one that was taken is kept")
})

test.serial("our own requests are neither recorded nor refused", async (t) => {
  const vouchsafe = await connected(t, (_request, response) => record(response), { apiKey: "i-sesame" })
  t.is((await vouchsafe.evaluateHandoff(PAYLOAD, { allowBackendTrust: true })).outcome, "PASS")
  await vouchsafe.flush()
  t.like(vouchsafe.stats(), { recorded: 0, requests: 1 })
})

test.serial("without a proof nothing counts unless the backend's word is taken", async (t) => {
  const vouchsafe = await connected(t, (_request, response) => record(response), { token: "sesame" })
  const [claim] = (await vouchsafe.evaluateHandoff(PAYLOAD)).claims
  t.like(claim, { outcome: "ERROR", reason: "unverifiable", proof: null })
  t.regex(claim!.message, /allowBackendTrust/)
})

test.serial("a token function that fails is an ERROR that shows nothing of what it threw", async (t) => {
  const token = async (): Promise<string> => {
    throw new Error("sesame")
  }
  const vouchsafe = await connected(t, (_request, response) => record(response), { token })
  const verdict = await vouchsafe.evaluateHandoff(PAYLOAD, { allowBackendTrust: true })
  t.is(verdict.claims[0]!.reason, "backend_unavailable")
  t.regex(verdict.claims[0]!.message, /credentials/)
  t.notRegex(JSON.stringify(verdict), /sesame/)
})

test.serial("a thread that ends takes its token function along, and another's is asked", async (t) => {
  const answer: Answer = (request, response) => {
    if (request.headers.authorization === "Bearer of-the-main-thread") record(response)
    else json(response, { description: "no" }, 401)
  }
  const server = await startServer(answer)
  t.teardown(() => server.close())
  const [dir, backend] = [join(await temporary(t), "store"), { url: server.url, orgId: ORG }]
  const worker = startThread(new URL("token-thread.ts", import.meta.url), { dir, backend })
  await once(worker, "message")
  const vouchsafe = await start({ dir, record: { http: false }, backend: { ...backend, token: () => "of-the-main-thread" } })
  await worker.terminate()
  const verdict = await vouchsafe.evaluateHandoff(PAYLOAD, { allowBackendTrust: true, timeoutMs: 10_000 })
  t.is(verdict.outcome, "PASS", JSON.stringify(verdict))
})

test.serial("rows that nobody would commit are told of, and an evaluator that records none hears nothing", async (t) => {
  const folder = await temporary(t)
  const backend = { url: "http://127.0.0.1:9", orgId: ORG, token: "sesame" }
  for (const http of [true, false]) {
    const events: string[] = []
    await start({ dir: join(folder, String(http)), backend, record: { http }, onEvent: ({ type, code }) => events.push(`${type} ${code}`) })
    t.deepEqual(events, http ? ["notCommitted STORE_NOT_SHARED"] : [])
  }
})

test.serial("nothing needs to be started where the environment names the backend", async (t) => {
  const server = await startServer((_request, response) => record(response))
  t.teardown(() => server.close())
  const environment = { VOUCHSAFE_BACKEND_URL: server.url, VOUCHSAFE_ORG_ID: ORG, VOUCHSAFE_API_KEY: "i-sesame" }
  Object.assign(process.env, environment)
  t.teardown(() => Object.keys(environment).forEach((name) => delete process.env[name]))
  t.is((await evaluateHandoff(PAYLOAD, { allowBackendTrust: true })).outcome, "PASS")
  t.throws(() => stats(), { instanceOf: NotStartedError })
})

test.serial("an evaluation ends with its timeout, and with its signal", async (t) => {
  const vouchsafe = await connected(t, () => {}, { token: "sesame" })
  const late = await vouchsafe.evaluateHandoff(PAYLOAD, { allowBackendTrust: true, timeoutMs: 50 })
  t.like(late.claims[0], { outcome: "ERROR", reason: "timeout" })
  const controller = new AbortController()
  const aborted = vouchsafe.evaluateHandoff(PAYLOAD, { signal: controller.signal })
  controller.abort(new Error("enough"))
  await t.throwsAsync(aborted, { message: "enough" })
})
