import test from "ava"
import { table, type Column } from "../../src/cli/table.js"
import { styleFor } from "../../src/cli/terminal.js"
import { columnsOf } from "../../src/cli/width.js"

const PLAIN = styleFor({ isTTY: false, hasColors: () => false } as unknown as NodeJS.WriteStream)

interface Row {
  id: string
  count: number
  what: string
}
const COLUMNS: Column<Row>[] = [
  { title: "id", text: ({ id }) => id, whole: true },
  { title: "count", text: ({ count }) => String(count), align: "right", spare: 2 },
  { title: "what", text: ({ what }) => what, spare: 1 },
]
const ROWS: Row[] = [
  { id: "0197f6a2-4c1e-7b3d", count: 7, what: "short" },
  { id: "0197f6a2-4c1e-7b3e", count: 1234, what: "東京都".repeat(40) },
  { id: "x", count: 0, what: "\u001B[2J" },
]

test("columns line up, and nothing stands behind the last", (t) => {
  t.is(
    table(COLUMNS, [ROWS[0]!, ROWS[2]!], 80, PLAIN),
    "id                  count  what\n0197f6a2-4c1e-7b3d      7  short\nx                       0  \\u001b[2J",
  )
})

test("no line is wider than asked, whatever is in the cells", (t) => {
  for (const width of [30, 40, 80, 200]) {
    const lines = table(COLUMNS, ROWS, width, PLAIN, ({ what }) => what).split("\n")
    t.true(
      lines.every((line) => columnsOf(line) <= width),
      `${width}`,
    )
  }
})

test("where it is narrow the sparest column is left out first", (t) => {
  const titles = (width: number): string[] => table(COLUMNS, ROWS, width, PLAIN).split("\n")[0]!.split(/\s+/)
  t.deepEqual([titles(80), titles(30), titles(20)], [["id", "count", "what"], ["id", "what"], ["id"]])
})
