/** `vouchsafe/check`: what a proof proves, checked by anybody, anywhere: no engine, no native code, no file system. */

export { checkProof } from "./check.js"
export { checkProofFile } from "./proof-file.js"
export type { ProofFileResult } from "./proof-file.js"
export type { CanonicalRow } from "./row.js"
export type { CheckedFields, CheckedRow, Checkpoint, CheckResult, Covers, Form } from "./result.js"
