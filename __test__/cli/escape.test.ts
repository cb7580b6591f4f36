import test from "ava"
import { safe, safeJson, safeLines } from "../../src/cli/escape.js"
import { columnsOf, take } from "../../src/cli/width.js"

test("what a terminal would act on is written as an escape", (t) => {
  t.is(safe("a\u001B[31mb\u0007\r\n\tc"), "a\\u001b[31mb\\u0007\\r\\n\\tc")
  t.is(safe("\u009B31m"), "\\u009b31m")
})

test("what turns a line around, hides in it or ends it is written as an escape", (t) => {
  t.is(safe("\u202Eexe\u2066\u200B\uFEFF\u2028"), "\\u202eexe\\u2066\\u200b\\ufeff\\u2028")
  t.is(safe("\u{E0041}"), "\\u{e0041}")
  t.is(safe("\uD800"), "\\ud800")
})

test("other scripts and emoji stay as they are", (t) => {
  t.is(safe("東京 schön שלום 🙂"), "東京 schön שלום 🙂")
})

test("lines stay lines", (t) => {
  t.deepEqual(safeLines("a\r\nb\u001B\nc"), ["a", "b\\u001b", "c"])
})

test("JSON is safe to print and still the same JSON", (t) => {
  const value = { "\u202E": ["\u009B", "\u{E0041}", "\n", "東"] }
  const json = safeJson(value)
  t.false(/[\u009B\u202E]|\u{E0041}/u.test(json))
  t.deepEqual(JSON.parse(json), value)
})

test("wide characters and emoji take two columns, marks none", (t) => {
  t.deepEqual(["abc", "東京", "e\u0301", "🙂", "ﾊ"].map(columnsOf), [3, 4, 1, 2, 1])
})

test("a text is cut before the character that does not fit", (t) => {
  t.is(take("東京都", 5), "東京")
  t.is(take("🙂🙂", 3), "🙂")
})
