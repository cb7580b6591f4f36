/** What a check says, in short. */

import type { CheckResult } from "../../src/check/index.js"

/** `<covers> by <form>`, or the failure's code. */
export function said({ ok, covers, form, reason }: CheckResult): string {
  if (!ok) return reason!.slice(0, reason!.indexOf(":"))
  return form === null ? covers! : `${covers} by ${form}`
}
