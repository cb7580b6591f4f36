/**
 * Records rows in batches until it is killed, and says what was acknowledged: `work.ts DIR RUN URL`.
 * Prints `rows N` once the first N rows were acknowledged by flush, verify or a payload, and `checkpoint JSON`.
 */

import { recordTool, start, withRun, withTool } from "../../../index.js"

const [dir, runId, url] = process.argv.slice(2)

const vouchsafe = await start({ dir: dir! })
let row = 0

async function batch(): Promise<void> {
  const size = 1 + Math.floor(Math.random() * 60)
  for (let i = 0; i < size; i++, row++) {
    if (i % 10 !== 0) recordTool({ name: `row-${row}`, output: { row } })
    else await withTool({ name: `row-${row}` }, async () => (await fetch(`${url}/?row=${row}`)).arrayBuffer())
  }
}

const ACKNOWLEDGE = [
  () => vouchsafe.flush(),
  () => vouchsafe.verify([{ action: `row-${row - 1}`, path: "row", equals: row - 1 }]),
  () => vouchsafe.buildHandoffPayload([{ equals: 0 }]),
  async () => console.log(`checkpoint ${JSON.stringify(await vouchsafe.commit())}`),
]

await withRun({ runId: runId! }, async () => {
  console.log("begun")
  for (let turn = 0; ; turn++) {
    await batch()
    const covered = row
    await ACKNOWLEDGE[turn % ACKNOWLEDGE.length]!()
    console.log(`rows ${covered}`)
  }
})
