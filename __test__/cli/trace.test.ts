import test from "ava"
import type { ShownClaim, ShownTrace } from "../../src/engine/folder.js"
import { styleFor } from "../../src/cli/terminal.js"
import { describeTrace } from "../../src/cli/trace/show.js"
import { columnsOf } from "../../src/cli/width.js"
import { change } from "../store/database.js"
import { runCli } from "./run-cli.js"
import { contentOf, removeFolders, storedFolder, type Stored } from "./stored.js"

let stored: Stored
let [caught, honest]: Listed[] = []
test.before(async () => {
  stored = await storedFolder()
  ;[caught, honest] = await listed()
})
test.after.always(removeFolders)

const on = (...args: string[]): string[] => ["trace", ...args, "--dir", stored.dir]

interface Listed {
  id: string
  outcome: string
}

async function listed(...args: string[]): Promise<Listed[]> {
  const { exitCode, stdout } = await runCli(on("list", "--json", ...args))
  if (exitCode !== 0) throw new Error(`trace list ended with ${exitCode}`)
  return JSON.parse(stdout) as Listed[]
}

test("verdicts are listed newest first, and by outcome where that is asked for", async (t) => {
  const all = await listed()
  t.deepEqual(
    all.map(({ outcome }) => outcome),
    ["CAUGHT", "PASS"],
  )
  t.deepEqual(Object.keys(all[0]!).sort(), [
    "answer",
    "caught",
    "claims",
    "createdUs",
    "id",
    "outcome",
    "runId",
    "task",
  ])
  t.deepEqual(
    (await listed("--outcome", "PASS")).map(({ outcome }) => outcome),
    ["PASS"],
  )
  t.is((await listed("--limit", "1")).length, 1)
})

test("what was caught is shown with the claimed and the actual value, the place and the exchange", async (t) => {
  const { exitCode, stdout } = await runCli(on("show", caught!.id.slice(0, 18)))
  t.is(exitCode, 1)
  t.regex(stdout, /claimed +actual\n +42 +9007199254740993\n/)
  t.regex(stdout, /equals 42, but it is 9007199254740993/)
  t.regex(stdout, /▶ 4 {4}"price": 9007199254740993\n/)
  t.true(stdout.includes(`GET ${stored.url}`))
  t.true(stdout.includes(stored.rowId))
  t.false(stdout.includes("user-agent"))
})

test("nothing that was recorded moves the cursor or turns a line around", async (t) => {
  for (const args of [on("show", caught!.id, "--full"), on("list"), on("show", caught!.id, "--json")]) {
    const { stdout } = await runCli(args)
    t.notRegex(stdout, /[^\P{Cc}\n]|\p{Cf}/u)
    t.true(stdout.includes("\\u001b[2J"))
  }
})

test("no line is wider than the terminal", async (t) => {
  const runs = [40, 80, 200].flatMap((width) =>
    [on("show", caught!.id, "--full"), on("list")].map(async (args) => {
      const { stdout } = await runCli(args, { COLUMNS: String(width) })
      t.deepEqual(
        stdout.split("\n").filter((line) => columnsOf(line) > width),
        [],
      )
    }),
  )
  await Promise.all(runs)
})

test("--full prints headers and bodies, and an honest verdict exits with 0", async (t) => {
  const { exitCode, stdout } = await runCli(on("show", honest!.id, "--full"))
  t.is(exitCode, 0)
  t.regex(stdout, /user-agent: node/)
  t.regex(stdout, /content-type: application\/json/)
  t.regex(stdout, /task +what is the price\?\n/)
})

test("as JSON a trace is one document with its exchange", async (t) => {
  const { stdout } = await runCli(on("show", caught!.id, "--json"))
  const trace = JSON.parse(stdout) as { claims: Record<string, unknown>[] }
  t.deepEqual(Object.keys(trace).sort(), ["answer", "claims", "createdUs", "id", "outcome", "runId", "task"])
  t.like(trace.claims[0], {
    outcome: "CAUGHT",
    reason: "contradicted",
    claimed: "42",
    actual: "9007199254740993",
    path: "$.price",
  })
  t.like(trace.claims[0]!["exchange"], {
    id: stored.rowId,
    url: stored.url,
    status: 200,
    method: "GET",
    call_ref: (trace.claims[0]!["claim"] as { callRef: string }).callRef,
  })
})

test("a row that was changed since is told, and one that was not is as signed", async (t) => {
  const { dir } = await storedFolder()
  const show = ["trace", "show", honest!.id, "--dir", dir]
  t.regex((await runCli(show)).stdout, /signed +✓ the row is as signed, leaf \d+; url, headers and bodies/)
  change(dir, "UPDATE intercepts SET status = 201")
  const [text, json] = await Promise.all([runCli(show), runCli([...show, "--json"])])
  t.regex(text.stdout, /signed +✗ not proven to be what was signed: /)
  t.like(JSON.parse(json.stdout), { claims: [{ signed: { ok: false } }] })
})

test("claims that did not pass come first, and an exchange of several is printed once", async (t) => {
  const { stdout } = await runCli(on("show", honest!.id, "--json"))
  const trace = JSON.parse(stdout) as ShownTrace
  const [passed] = trace.claims as [ShownClaim]
  const failed: ShownClaim = { ...passed, position: 1, outcome: "CAUGHT", reason: "contradicted" }
  const both: ShownTrace = { ...trace, outcome: "CAUGHT", claims: [passed, failed] }
  const signed = new Map([[stored.rowId, { ok: null, message: "not checked" }]])
  const style = styleFor({ isTTY: false, hasColors: () => false })
  const text = describeTrace(both, signed, { width: 80, style }, false)
  t.regex(text, /^verdict CAUGHT; 2 claims: 1 CAUGHT, 1 PASS$/m)
  t.regex(text, /✗ CAUGHT[^]*claim +2 of 2\n[^]*✓ PASS[^]*claim +1 of 2\n +exchange +the same as of claim 2\n/)
  t.is(text.split(stored.url).length, 2)
})

test("a body that retention let go of is called that", async (t) => {
  const { dir } = await storedFolder()
  t.is((await runCli(["prune", "--days", "0", "--dir", dir])).exitCode, 0)
  const { stdout } = await runCli(["trace", "show", caught!.id, "--dir", dir])
  t.regex(stdout, /claimed +actual\n +42 +deleted by retention\n/)
})

test("an id that none or several have is refused with words", async (t) => {
  const none = await runCli(on("show", "ffff", "--json"))
  t.is(none.exitCode, 2)
  t.like(JSON.parse(none.stdout), { error: { code: "TRACE_NOT_FOUND" } })
  const several = await runCli(on("show", caught!.id.slice(0, 1)))
  t.is(several.exitCode, 2)
  t.regex(several.stderr, /^vouchsafe trace show: several traces begin with \w: give more of the id\n$/)
})

test("looking changes nothing in the folder", async (t) => {
  const before = contentOf(stored.dir)
  await Promise.all([runCli(on("list")), runCli(on("show", caught!.id)), runCli(["key", "--dir", stored.dir])])
  t.deepEqual(contentOf(stored.dir), before)
})
