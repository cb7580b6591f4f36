/** `node --import vouchsafe/register`: starts recording without a change of code. */

import { start } from "./lifecycle.js"

// Not awaited: the program must not wait for the store. A failure is said, and costs the recording only.
start().catch((error: unknown) => {
  process.emitWarning(`vouchsafe does not record: ${(error as Error).message}`, { code: (error as { code?: string }).code ?? "VOUCHSAFE" })
})
