import test from "ava"
import { fit, heading, milliseconds, styleFor, WIDTH, wrap } from "../../src/cli/terminal.js"

test("text is padded or cut to exactly its columns", (t) => {
  t.is(fit("abc", 5), "abc  ")
  t.is(fit("abc", 5, "right"), "  abc")
  t.is(fit("abcdef", 5), "abcd…")
})

test("a paragraph is broken between words and never wider than the page", (t) => {
  const lines = wrap("word ".repeat(60).trim(), "    ").split("\n")
  t.true(lines.length > 1)
  t.true(lines.every((line) => line.length <= WIDTH && line.startsWith("    word")))
})

test("a word longer than the page stands alone on its line", (t) => {
  const long = "x".repeat(100)
  t.is(wrap(`a ${long} b`, "  "), `  a\n  ${long}\n  b`)
})

test("a heading fills the page", (t) => {
  t.is(heading("Run 1").length, WIDTH)
})

test("milliseconds show three digits that matter", (t) => {
  t.deepEqual([0.123, 4.56, 78.91, 1234.5].map(milliseconds), ["0.12 ms", "4.6 ms", "78.9 ms", "1235 ms"])
})

test("colour is used on a terminal that wants it and nowhere else", (t) => {
  const bold = (isTTY: boolean, colors: boolean): string => styleFor({ isTTY, hasColors: () => colors }).bold("x")
  t.is(bold(true, true), "\u001B[1mx\u001B[22m")
  t.is(bold(true, false), "x")
  t.is(bold(false, true), "x")
})
