/** The same check twice: in Rust, through the binding, and in TypeScript. */

import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { checkProof, type CheckResult } from "../../src/check/index.js"

type CheckBundle = (bundle: string, keys: string[]) => Promise<string> | string

const { checkBundle } = createRequire(import.meta.url)("#binding") as { checkBundle?: CheckBundle }

/** Whether the binding can check bundles. */
export const hasTwin = checkBundle !== undefined

/** What of a result is the same on both sides: of a reason only its code. */
function compared({ reason, rows, ...rest }: CheckResult): unknown {
  return {
    ...rest,
    rows: rows.map(({ fields, ...row }) => ({
      ...row,
      fields: Object.fromEntries(Object.entries(fields).map(([name, bytes]) => [name, base64(bytes)])),
    })),
    code: reason === null ? null : reason.slice(0, reason.indexOf(":")),
  }
}

/** The binding hands out base64 as it is. */
const base64 = (bytes: Uint8Array | string): string =>
  typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("base64")

/** Throws unless both say the same of the bundle; what they say. */
export async function expectSame(bundleText: string, vkeys: string[]): Promise<CheckResult> {
  const ours = await checkProof(bundleText, vkeys)
  const theirs = JSON.parse(await checkBundle!(bundleText, vkeys)) as CheckResult
  const message = `TypeScript: ${ours.reason ?? ours.covers}, Rust: ${theirs.reason ?? theirs.covers}`
  try {
    assert.deepEqual(compared(ours), compared(theirs))
  } catch (error) {
    throw new Error(`${message}\n${(error as Error).message}`, { cause: error })
  }
  return ours
}

/** Throws unless both take the text for a verifier key, or neither does. */
export async function expectSameKey(vkey: string): Promise<void> {
  const ours = await checkProof("", [vkey]).then(() => true, () => false)
  // An unreadable key is answered with an error, not with a result's text.
  const theirs = typeof (await checkBundle!("", [vkey])) === "string"
  assert.equal(ours, theirs, `TypeScript: ${ours}, Rust: ${theirs}`)
}
