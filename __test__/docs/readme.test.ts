import test from "ava"
import { spawn } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"

const KILL_AFTER_MS = 60_000

test("the README's example does what the README says", async (t) => {
  const server = createServer((_, response) => {
    response.end('{"symbol":"ACME","price":42}')
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-test-"))
  t.teardown(async () => {
    server.close()
    await rm(dir, { recursive: true, force: true })
  })

  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8")
  const [, example = ""] = readme.match(/```js\n(.*?)```/s) ?? []
  const program = example
    .replace('"vouchsafe"', JSON.stringify(new URL("../../index.ts", import.meta.url).href))
    .replaceAll("https://api.example.com", `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await writeFile(join(dir, "example.mjs"), program)

  const child = spawn(process.execPath, ["--import=tsx", join(dir, "example.mjs")], {
    env: { ...process.env, VOUCHSAFE_DIR: join(dir, "store") },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: KILL_AFTER_MS,
  })
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve))
  const [code, output] = await Promise.all([ended, text(child.stdout)])
  t.is(code, 0)
  t.regex(output, /^PASS `price` .* equals 42, as claimed\.\n$/)
})
