import test from "ava"

interface Counts {
  passed: number
  failed: number
  skipped: number
  end(exitCode: number): Counts
  toString(): string
}

// Plain JavaScript without types, because the set-up runs before TypeScript is there.
const script = async <T>(path: string): Promise<T> =>
  (await import(new URL(`../../scripts/test/${path}`, import.meta.url).href)) as T
const { Counts } = await script<{ Counts: new (suite: string, say?: (line: string) => void) => Counts }>("counts.mjs")
const { cargoReader } = await script<{ cargoReader(counts: Counts): (line: string) => void }>("cargo.mjs")
const { readTapLine } = await script<{ readTapLine(line: string, counts: Counts): string | null }>("ava.mjs")

test("cargo's results are added up over all its binaries", (t) => {
  const counts = new Counts("cargo test")
  const read = cargoReader(counts)
  read("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s")
  read("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s")
  read("test tree::tests::grows ... ok")
  t.is(`${counts.end(101)}`, "15 passed, 2 failed, 1 skipped")
})

test("a Rust test that ends without its PostgreSQL is skipped and not passed", (t) => {
  const counts = new Counts("cargo test")
  const read = cargoReader(counts)
  const skipped = "skipped without PostgreSQL: it is not installed"
  for (const line of ["running 3 tests", skipped, "test a ... ok", "test b ... ok", "", skipped, "test c ... ok"]) read(line)
  read("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s")
  // A program of its own, which prints no result.
  read(skipped)
  t.is(`${counts.end(0)}`, "1 passed, 0 failed, 3 skipped")
})

test("lines of TAP are counted and read aloud", (t) => {
  const counts = new Counts("ava")
  const lines = ["TAP version 13", "ok 1 - a # b", "not ok 2 - c", "ok 3 - d # SKIP", "  ---", "    message: boom", "1..3", "# pass 1", ""]
  t.deepEqual(
    lines.map((line) => readTapLine(line, counts)).filter((line) => line !== null),
    ["  ✔ a # b", "  ✘ c", "  - d", "    message: boom"],
  )
  t.is(`${counts.end(1)}`, "1 passed, 1 failed, 1 skipped")
})

test("a suite that ran nothing, and a bad exit that no test explains, are failures and are said", (t) => {
  const said: string[] = []
  t.is(`${new Counts("ava", (line) => said.push(line)).end(0)}`, "0 passed, 1 failed")
  const counts = new Counts("ava", (line) => said.push(line))
  readTapLine("ok 1 - a", counts)
  t.is(`${counts.end(1)}`, "1 passed, 1 failed")
  t.deepEqual(said, ["ava ran no test (exit code 0)", "ava did not end well (exit code 1)"])
})
