import test from "ava"
import { readFile } from "node:fs/promises"

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8")

test("every error code has its line in docs/errors.md, and no line is about another code", async (t) => {
  const [, union = ""] = (await read("src/errors.ts")).match(/type ErrorCode =((?:\s*\| "\w+")+)/) ?? []
  const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code)
  const lines = [...(await read("docs/errors.md")).matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)
  t.true(codes.length > 0)
  t.deepEqual(lines, codes)
})
