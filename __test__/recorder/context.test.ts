import test from "ava"
import {
  currentContext,
  setInterceptorContext,
  withInterceptorContext,
  withRun,
  withTool,
} from "../../src/recorder/context.js"
import { uuidv7 } from "../../src/ids.js"

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test("without a context the agent is _default and nothing else is named", (t) => {
  t.deepEqual(currentContext(), { agentId: "_default", actionName: null, callRef: null, toolCallId: null, runId: null })
})

test("a tool call has a reference of its own, its name as action and the model's id", async (t) => {
  await withTool({ name: "prices", id: "call_7", agentId: "buyer" }, async ({ callRef }) => {
    await Promise.resolve()
    t.regex(callRef, UUID_V7)
    t.deepEqual(currentContext(), { agentId: "buyer", actionName: "prices", callRef, toolCallId: "call_7", runId: null })
    withTool({ name: "inner" }, (inner) => {
      t.not(inner.callRef, callRef)
      t.is(currentContext().agentId, "buyer")
      t.is(currentContext().toolCallId, null)
    })
  })
  t.is(currentContext().callRef, null)
})

test("a run is inherited by the tools in it, and the innermost counts", (t) => {
  withRun({ runId: "outer" }, () => {
    t.is(withTool({ name: "a" }, () => currentContext().runId), "outer")
    withRun({}, ({ runId }) => {
      t.regex(runId, UUID_V7)
      t.is(currentContext().runId, runId)
    })
  })
})

test("annotate puts the reference into a plain object, sync or async, and into nothing else", async (t) => {
  const annotate = { name: "a", annotate: true }
  let ref = ""
  const sync = withTool(annotate, ({ callRef }) => ((ref = callRef), { price: 42 }))
  t.deepEqual(sync as unknown, { price: 42, _ref: ref })
  const later = await withTool(annotate, async ({ callRef }) => ((ref = callRef), { price: 42 }))
  t.deepEqual(later as unknown, { price: 42, _ref: ref })
  t.deepEqual(withTool(annotate, () => [1]), [1])
  t.is(withTool(annotate, () => "text"), "text")
  t.is(withTool(annotate, () => null), null)
})

test("what fn throws is thrown as it is", async (t) => {
  const error = new Error("mine")
  t.is(
    t.throws(() =>
      withTool({ name: "a" }, () => {
        throw error
      }),
    ),
    error,
  )
  t.is(await t.throwsAsync(() => withTool({ name: "a", annotate: true }, () => Promise.reject(error))), error)
})

test("names are set for a function or for the rest of the context, and cut at 255 characters", async (t) => {
  await withInterceptorContext({ agentId: "a", callRef: "r" }, async () => {
    setInterceptorContext({ actionName: `${"x".repeat(254)}😀` })
    await Promise.resolve()
    const { agentId, actionName, callRef } = currentContext()
    t.deepEqual([agentId, actionName, callRef], ["a", "x".repeat(254), "r"])
  })
  t.is(currentContext().agentId, "_default")
})

test("ids are UUIDv7 and sort in the order they were made", (t) => {
  const ids = Array.from({ length: 20_000 }, () => uuidv7())
  t.deepEqual(ids.toSorted(), ids)
  t.is(new Set(ids).size, ids.length)
  for (const id of ids.slice(0, 100)) t.regex(id, UUID_V7)
  t.is(uuidv7(ids.length).length, 36)
})
