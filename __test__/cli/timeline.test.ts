import test from "ava"
import { drawTimeline } from "../../src/cli/demo/timeline.js"
import { styleFor, WIDTH } from "../../src/cli/terminal.js"

const plain = styleFor({ isTTY: false, hasColors: () => false })

test("spans and marks are drawn to scale under the whole stretch of time", (t) => {
  const rows = [
    { lane: "tool", label: "undici", from: 1000, to: 1100 },
    { lane: "preprocess", label: "2 runs", at: [1150, 1200] },
    { lane: "verify", label: "3 claims", from: 1190, to: 1200 },
  ]
  t.deepEqual(drawTimeline(rows, 1000, 1200, plain).split("\n"), [
    "                                      0                                 200 ms",
    "  tool       undici           100 ms  ████████████████████",
    "  preprocess 2 runs                                                 ◆        ◆",
    "  verify     3 claims        10.0 ms                                        ██",
  ])
})

test("the shortest span is still seen, and the longest name does not move the bars", (t) => {
  const rows = [{ lane: "tool", label: "@a-long-scope/with-a-long-name", from: 0, to: 0.001 }]
  const [, line] = drawTimeline(rows, 0, 500, plain).split("\n")
  t.is(line, "  tool       @a-long-scope…  0.00 ms  █")
})

test("no line is wider than the page", (t) => {
  const rows = [{ lane: "tool", label: "x", from: 0, to: 123_456 }]
  t.true(drawTimeline(rows, 0, 123_456, plain).split("\n").every((line) => line.length <= WIDTH))
})
