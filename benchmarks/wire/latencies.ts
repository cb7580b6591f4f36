/** The times of the backend that the wire is measured against, in ms, and what follows from them. */

export const LATENCIES = { requestMs: 20, preprocessMs: 500, proofMs: 100, verificationMs: 30 }

const { requestMs, preprocessMs, proofMs, verificationMs } = LATENCIES

/** Starting a preprocess run, its time, asking for its end. */
export const PREPROCESS_MS = preprocessMs + 2 * requestMs
/** The same for a query with its proof, and for the verification. */
export const REMAINDER_MS = proofMs + verificationMs + 4 * requestMs
/** What cannot be had side by side: one preprocess, one query, one proof, one verification, their requests. */
export const CRITICAL_MS = PREPROCESS_MS + REMAINDER_MS

export const CALLS = 10
/** Rows in the runs that show the grouping of claims. */
export const GROUPED = 5
