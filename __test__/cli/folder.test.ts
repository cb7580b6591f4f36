import test from "ava"
import { statSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { start } from "../../index.js"
import { resolve } from "../../src/options.js"
import { runCli } from "./run-cli.js"
import { removeFolders, storedFolder, temporaryFolder } from "./stored.js"

const OTHER = "other.example/key+f21fb7d7+AQHRCS8DK5Yroc/L9kd/mvulferGEFEVXIVuAOuBUEXa"
const API = "https://api.example.com/v1"

test.after.always(removeFolders)

test("the key's last line is the vkey alone, and the secret is nowhere", async (t) => {
  const { dir, vkey } = await storedFolder()
  const [text, json] = await Promise.all([runCli(["key", "--dir", dir]), runCli(["key", "--dir", dir, "--json"])])
  t.is(text.stdout.trimEnd().split("\n").at(-1), vkey)
  t.regex(text.stdout, /mode +0600\n +log +3 leaves\n/)
  t.like(JSON.parse(json.stdout), { vkey, origin: vkey.split("+")[0], mode: "0600", size: "3" })
  const [, secret] = (await readFile(join(dir, "key"), "utf8")).match(/^PRIVATE\+KEY\+[^+]+\+[^+]+\+(.+)\n$/)!
  t.false((text.stdout + json.stdout).includes(secret!))
})

test("trusting another's key keeps the own one trusted, and doing it twice changes nothing", async (t) => {
  const { dir, vkey } = await storedFolder()
  const first = await runCli(["key", "trust", OTHER, "--dir", dir])
  t.is(first.exitCode, 0)
  t.regex(first.stdout, /other\.example\/key is trusted now\.\nThis log's own key stays trusted/)
  const again = await runCli(["key", "trust", OTHER, "--dir", dir, "--json"])
  t.deepEqual(JSON.parse(again.stdout), {
    origin: "other.example/key",
    vkey: OTHER,
    added: false,
    trusted: [vkey, OTHER],
  })
  t.is(await readFile(join(dir, "trusted-keys"), "utf8"), `${vkey}\n${OTHER}\n`)
  t.is(statSync(join(dir, "trusted-keys")).mode & 0o777, 0o600)
})

test("trusting writes to the file that VOUCHSAFE_TRUSTED_KEYS names, and says so", async (t) => {
  const { dir, vkey } = await storedFolder()
  const file = join(await temporaryFolder(), "keys")
  const { exitCode, stdout } = await runCli(["key", "trust", OTHER, "--dir", dir], { VOUCHSAFE_TRUSTED_KEYS: file })
  t.is(exitCode, 0)
  t.true(stdout.replaceAll(/\s+/g, " ").includes(`is trusted now, in ${file}.`))
  t.is(await readFile(file, "utf8"), `${vkey}\n${OTHER}\n`)
  t.throws(() => statSync(join(dir, "trusted-keys")), { code: "ENOENT" })
})

test("what is no vkey is not trusted", async (t) => {
  const dir = join(await temporaryFolder(), "store")
  t.is((await runCli(["key", "trust", `${OTHER}x`, "--dir", dir, "--json"])).exitCode, 64)
  t.throws(() => statSync(dir), { code: "ENOENT" })
})

test("endpoints are added once, listed and removed, and the file goes with the last", async (t) => {
  const dir = join(await temporaryFolder(), "store")
  const endpoints = (...args: string[]) => runCli(["endpoints", ...args, "--dir", dir])
  t.regex((await endpoints("list")).stdout, /requests may go anywhere/)
  t.is((await endpoints("add", API, "https://b.example/", API)).exitCode, 0)
  t.is(statSync(join(dir, "trusted-endpoints")).mode & 0o777, 0o600)
  t.is(statSync(dir).mode & 0o777, 0o700)
  t.is((await endpoints("list")).stdout, `${API}\nhttps://b.example/\n`)
  t.is((await endpoints("remove", "https://c.example/")).exitCode, 2)
  const last = await endpoints("remove", API, "https://b.example/")
  t.regex(last.stdout, /none is left, so requests may go anywhere/)
  t.throws(() => statSync(join(dir, "trusted-endpoints")), { code: "ENOENT" })
})

test("where VOUCHSAFE_TRUSTED_ENDPOINTS is set, adding an endpoint says that the variable wins", async (t) => {
  const dir = join(await temporaryFolder(), "store")
  const env = { VOUCHSAFE_TRUSTED_ENDPOINTS: "https://b.example" }
  const { stdout } = await runCli(["endpoints", "add", API, "--dir", dir], env)
  t.regex(stdout, /^1 endpoint added; VOUCHSAFE_TRUSTED_ENDPOINTS is set and wins/)
})

test("start() takes the folder's endpoints where neither option nor environment names any", async (t) => {
  const dir = await temporaryFolder()
  t.is(resolve({ dir }, {}).trustedEndpoints, null)
  await writeFile(join(dir, "trusted-endpoints"), `# ours\n${API}\n\n`)
  t.deepEqual(resolve({ dir }, {}).trustedEndpoints, [API])
  t.deepEqual(resolve({ dir, trustedEndpoints: [] }, {}).trustedEndpoints, [])
  t.deepEqual(resolve({ dir }, { VOUCHSAFE_TRUSTED_ENDPOINTS: "https://b.example" }).trustedEndpoints, [
    "https://b.example",
  ])
})

test("a file of endpoints that holds none trusts none, and one that holds something else is refused", async (t) => {
  const dir = await temporaryFolder()
  await writeFile(join(dir, "trusted-endpoints"), "\n")
  t.deepEqual(resolve({ dir }, {}).trustedEndpoints, [])
  await writeFile(join(dir, "trusted-endpoints"), "example.com\n")
  t.throws(() => resolve({ dir }, {}), { message: /^trusted-endpoints: `example\.com` does not begin with/ })
})

test("pruning lets bodies go while an engine runs, and the row still proves that it existed", async (t) => {
  const { dir, rowId } = await storedFolder()
  const vouchsafe = await start({ dir, record: { http: false } })
  try {
    const pruned = await runCli(["prune", "--days", "0", "--dir", dir, "--json"])
    t.is(pruned.exitCode, 0)
    const { rows, ...bytes } = JSON.parse(pruned.stdout) as Record<string, number>
    t.is(rows, 1)
    t.deepEqual(Object.keys(bytes).sort(), ["bytesAfter", "bytesBefore"])
    const { claims } = await vouchsafe.verify([{ rowId, path: "$.price", equals: 1 }])
    t.like(claims[0], { outcome: "ERROR", reason: "unverifiable", proof: { trust: "proof" } })
    t.is(JSON.parse((await runCli(["prune", "--days", "0", "--dir", dir, "--json"])).stdout).rows, 0)
  } finally {
    await vouchsafe.shutdown()
  }
})
