import test from "ava"
import { withProgress } from "../../src/cli/progress.js"

function stream(isTTY: boolean) {
  const written: string[] = []
  return { written, isTTY, write: (text: string) => written.push(text) > 0 }
}

test("progress is shown on a terminal, and its line is gone when the work ends, also where it fails", async (t) => {
  const terminal = stream(true)
  const work = withProgress(
    "auditing",
    async (report) => {
      report(1, 4)
      throw new Error("broken")
    },
    terminal,
  )
  await t.throwsAsync(work, { message: "broken" })
  t.deepEqual(terminal.written, ["\r\u001B[Kauditing 25 %", "\r\u001B[K"])
})

test("a report that comes after the end writes nothing", async (t) => {
  const terminal = stream(true)
  const late = await withProgress("auditing", async (report) => report, terminal)
  late(4, 4)
  t.deepEqual(terminal.written, ["\r\u001B[K"])
})

test("elsewhere nothing is written", async (t) => {
  const file = stream(false)
  t.is(await withProgress("auditing", async (report) => (report(1, 4), "done"), file), "done")
  t.deepEqual(file.written, [])
})
