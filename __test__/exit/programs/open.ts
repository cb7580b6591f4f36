/** Starts on a folder and prints the error's code and message, or `started`: `open.ts DIR`. */

import { start, type VouchsafeError } from "../../../index.js"

const failed = await start({ dir: process.argv[2]! }).then(
  () => null,
  (error: VouchsafeError) => `${error.constructor.name} ${error.code} ${error.message}`,
)
console.log(failed ?? "started")
