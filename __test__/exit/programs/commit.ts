/**
 * Records a row and commits it: `commit.ts DIR`. Prints `event TYPE` for each event, and `checkpoint JSON` or the code of
 * the error that commit() rejects with.
 */

import { recordTool, start, VouchsafeError } from "../../../index.js"

const vouchsafe = await start({ dir: process.argv[2]!, onEvent: ({ type }) => console.log(`event ${type}`) })
recordTool({ name: "tool", output: 1 })
await vouchsafe.flush()
try {
  console.log(`checkpoint ${JSON.stringify(await vouchsafe.commit())}`)
} catch (error) {
  console.log(error instanceof VouchsafeError ? error.code : String(error))
}
await vouchsafe.shutdown()
