import test from "ava"
import { createServer } from "node:http"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import type { HandoffPayload, Verdict } from "../../index.js"
import { runCli } from "./run-cli.js"

async function folder(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-test-"))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  return dir
}

test("the honest run passes, the invented value is caught, and a second process finds the same", async (t) => {
  const dir = await folder(t)
  const { exitCode, stdout } = await runCli(["demo", "--offline", "--json", "--dir", dir])
  t.is(exitCode, 0)
  const report = JSON.parse(stdout) as {
    runs: { tools: unknown[]; verdict: Verdict }[]
    secondProcess: { pid: number; evaluations: { verdict: Verdict }[] }
  }
  t.deepEqual(report.runs.map((run) => run.tools.length), [3, 3])
  t.deepEqual(report.runs.map((run) => run.verdict.counts.records), [2, 2])
  const verdicts = [report.runs.map((run) => run.verdict), report.secondProcess.evaluations.map((one) => one.verdict)]
  for (const [truth, lie] of verdicts) {
    t.deepEqual(truth?.claims.map((claim) => claim.reason), ["supported", "supported", "supported"])
    t.deepEqual(lie?.claims.map((claim) => claim.reason), ["supported", "supported", "contradicted"])
    t.not(lie?.claims[2]?.claimed, lie?.claims[2]?.actual)
    t.true(lie?.claims.every((claim) => claim.proof?.trust === "proof"))
  }
})

test("the payload is left in the folder, beside the key that it is checked with", async (t) => {
  const dir = await folder(t)
  // What the environment names for agents is none of the demo's business.
  const env = { VOUCHSAFE_POSTGRES_URL: "postgres://127.0.0.1:9/x", VOUCHSAFE_BACKEND_URL: "http://127.0.0.1:9" }
  t.is((await runCli(["demo", "--offline", "--dir", dir], env)).exitCode, 0)
  const payload = JSON.parse(await readFile(join(dir, "run-2-invented.json"), "utf8")) as HandoffPayload
  t.is(payload.claims.length, 3)
  t.regex(await readFile(join(dir, "verifier-key"), "utf8"), /^\S+\+[\da-f]{8}\+\S+\n$/)
  t.is(await readFile(join(dir, ".gitignore"), "utf8"), "*\n")
})

test("the text names the claimed and the actual value, and no line is wider than 80 columns but for a path", async (t) => {
  const dir = await folder(t)
  const { stdout } = await runCli(["demo", "--offline", "--dir", dir])
  t.regex(stdout, /CAUGHT {2}typescript's latest version is 7\.0\.3\n +claimed +"7\.0\.3"\n +actual +"7\.0\.2"/)
  t.false(stdout.includes("\u001B"))
  const wide = stdout.split("\n").filter((line) => line.length > 80 && !line.includes(basename(dir)))
  t.deepEqual(wide, [])
})

test("the configured registry is asked, and for the packages that were named", async (t) => {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    const name = request.url?.split("/")[2]
    response.end(JSON.stringify({ name, version: "1.0.0" }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  t.teardown(() => server.close())
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/npm`
  const { exitCode } = await runCli(["demo", "react", "vite", "--dir", await folder(t)], { npm_config_registry: registry })
  t.is(exitCode, 0)
  const run = ["/npm/react/latest", "/npm/vite/latest", "/npm/undici/latest"]
  t.deepEqual(asked, [...run, ...run])
})

test("a registry that cannot be reached is said plainly, with the way out", async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise((resolve) => server.close(resolve))
  const { exitCode, stderr } = await runCli(["demo"], { npm_config_registry: registry })
  t.is(exitCode, 2)
  t.regex(stderr, /gave no answer \(ECONNREFUSED\)\. Without a network: npx vouchsafe demo --offline\n$/)
})

test("a wrong command line is refused with 64 and the usage", async (t) => {
  const wrong = [[], ["dmeo"], ["demo", "--ofline"], ["demo", "a", "b", "c", "d"], ["demo", "../x"], ["demo", "react", "--offline"]]
  for (const args of wrong) {
    const { exitCode, stderr } = await runCli(args)
    t.is(exitCode, 64, args.join(" "))
    t.regex(stderr, /\n\nUsage: vouchsafe /)
  }
})
