import test from "ava"
import * as vouchsafe from "../../index.js"
import { errorFrom } from "../../src/errors.js"
import { temporary } from "../exit/folder.js"

const CLASSES: [string, new (...args: never[]) => Error][] = [
  ["INVALID_OPTION", vouchsafe.InvalidOptionError],
  ["OPTIONS_CONFLICT", vouchsafe.OptionsConflictError],
  ["INVALID_CLAIM", vouchsafe.InvalidClaimError],
  ["INVALID_PAYLOAD", vouchsafe.InvalidPayloadError],
  ["TIMEOUT", vouchsafe.TimeoutError],
  ["STORE_FORKED", vouchsafe.ForkedStoreError],
  ["STORE_NOT_A_FOLDER", vouchsafe.StoreError],
  ["STORE_READ_ONLY", vouchsafe.StoreError],
  ["STORE_FULL", vouchsafe.StoreError],
  ["STORE_LOCKED", vouchsafe.StoreError],
  ["STORE_CORRUPT", vouchsafe.StoreError],
  ["STORE_VERSION", vouchsafe.StoreError],
  ["STORE_IO", vouchsafe.StoreError],
  ["STORE_UNAVAILABLE", vouchsafe.StoreError],
  ["STORE_REFUSED", vouchsafe.StoreError],
  ["STORE_NOT_SHARED", vouchsafe.StoreError],
  ["KEY_UNUSABLE", vouchsafe.StoreError],
  ["BACKEND_UNAVAILABLE", vouchsafe.BackendError],
  ["BACKEND_DENIED", vouchsafe.BackendError],
  ["BACKEND_UNSUPPORTED", vouchsafe.BackendError],
  ["LOG_ELSEWHERE", vouchsafe.StoreError],
  ["SERVER_KEYS", vouchsafe.VouchsafeError],
  ["SERVER_LISTEN", vouchsafe.VouchsafeError],
]

test("each of the engine's failures is an error of its class, with its code", (t) => {
  for (const [code, Class] of CLASSES) {
    const error = errorFrom({ code, message: "why", key: "option", position: 3 })
    t.is(error.constructor, Class, code)
    t.is(error.code, code as never)
    t.true(error instanceof vouchsafe.VouchsafeError && error instanceof Error)
    t.is(error.name, Class.name)
    t.true(error.message.endsWith("why"))
  }
  t.true(errorFrom({ code: "STORE_FORKED", message: "why" }) instanceof vouchsafe.StoreError)
})

test("a payload that is not ready in time is a TimeoutError", async (t) => {
  const instance = await vouchsafe.start({ dir: await temporary(t) })
  for (let i = 0; i < 30_000; i++) instance.recordTool({ name: "busy", output: i })
  const payload = instance.buildHandoffPayload([{ equals: 1 }], { timeoutMs: 1 })
  const error = await t.throwsAsync(payload, { instanceOf: vouchsafe.TimeoutError })
  t.like(error, { code: "TIMEOUT", message: "the payload was not ready within 1 ms" })
  await instance.shutdown()
})
