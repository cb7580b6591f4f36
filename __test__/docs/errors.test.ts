import test from "ava"
import { readdir, readFile } from "node:fs/promises"

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8")

const CRATES = ["store", "ledger", "backend", "engine", "node", "server"]

async function union(): Promise<string[]> {
  const [, text = ""] = (await read("src/errors.ts")).match(/type ErrorCode =((?:\s*\| "\w+")+)/) ?? []
  return [...text.matchAll(/"(\w+)"/g)].map(([, code]) => code!)
}

test("every code that the engine and the server give is among them", async (t) => {
  const codes = new Set(await union())
  const families = [...new Set([...codes].map((code) => code.split("_")[0]))].join("|")
  const given = new RegExp(`"((?:${families})(?:_[A-Z]+)*)"`, "g")
  let found = 0
  for (const crate of CRATES) {
    const names = await readdir(new URL(`../../crates/${crate}/src`, import.meta.url), { recursive: true })
    for (const name of names.filter((name) => name.endsWith(".rs"))) {
      for (const [, code] of (await read(`crates/${crate}/src/${name}`)).matchAll(given)) {
        t.true(codes.has(code!), `${code} of ${crate}/${name} is not in src/errors.ts`)
        found++
      }
    }
  }
  t.true(found > codes.size / 2, `${found} found`)
})

test("every error code has its line in docs/errors.md, and no line is about another code", async (t) => {
  const codes = await union()
  const lines = [...(await read("docs/errors.md")).matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)
  t.true(codes.length > 0)
  t.deepEqual(lines, codes)
})
