/** Rows of text in columns that fit the terminal. */

import { safe } from "./escape.js"
import { fit, fold, type Style } from "./terminal.js"
import { columnsOf } from "./width.js"

/** One column of a table. */
export interface Column<Row> {
  title: string
  text(row: Row): string
  /** How a cell stands out, once it has its width. */
  paint?(cell: string, row: Row): string
  align?: "left" | "right"
  /** Whether it is never cut. */
  whole?: boolean
  /** Columns with a number are left out where the line is too narrow, the highest first. */
  spare?: number
}

const GAP = "  "
/** A column is cut down to this before another one is left out. */
const NARROW = 10

/** The table with its titles, and a note beneath each row where there is one; no line is wider than `width`. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  style: Style,
  note?: (row: Row) => string,
): string {
  const cells = new Map(columns.map((column) => [column, rows.map((row) => safe(column.text(row)))]))
  const natural = (column: Column<Row>): number =>
    [column.title, ...cells.get(column)!].reduce((most, text) => Math.max(most, columnsOf(text)), 0)
  const shown = columnsThatFit(columns, natural, width)
  const widths = fitted(shown, natural, width)
  const line = (cell: (column: Column<Row>, columns: number) => string): string =>
    shown
      .map((column, at) => cell(column, widths[at]!))
      .join(GAP)
      .trimEnd()
  const titles = line((column, columns) => style.dim(fit(column.title, columns, column.align)))
  const body = rows.flatMap((row, at) => {
    const printed = line((column, columns) => {
      const cell = fit(cells.get(column)![at]!, columns, column.align)
      return column.paint ? column.paint(cell, row) : cell
    })
    return note ? [printed, fold(safe(note(row)), GAP, width)] : [printed]
  })
  return [titles, ...body].join("\n")
}

function columnsThatFit<Row>(
  columns: readonly Column<Row>[],
  natural: (column: Column<Row>) => number,
  width: number,
): Column<Row>[] {
  const narrowest = (of: readonly Column<Row>[]): number =>
    total(of.map((column) => (column.whole ? natural(column) : Math.min(NARROW, natural(column)))))
  let shown = [...columns]
  while (narrowest(shown) > width) {
    const spare = shown.filter((column) => column.spare !== undefined).sort((a, b) => b.spare! - a.spare!)[0]
    if (!spare) break
    shown = shown.filter((column) => column !== spare)
  }
  return shown
}

/** The widths, with the widest that may be cut cut down until all fit. */
function fitted<Row>(
  columns: readonly Column<Row>[],
  natural: (column: Column<Row>) => number,
  width: number,
): number[] {
  const widths = columns.map(natural)
  const cuttable = (at: number): number => (columns[at]!.whole ? 0 : widths[at]!)
  while (total(widths) > width) {
    const widest = [...widths.keys()].reduce((most, at) => (cuttable(at) > cuttable(most) ? at : most))
    if (cuttable(widest) <= 1) break
    widths[widest]! -= 1
  }
  return widths
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + GAP.length * Math.max(0, widths.length - 1)
}
