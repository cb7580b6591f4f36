/** How the stub behaves. Times are in milliseconds; what is left out is 0 or off. */
export interface StubOptions {
  /** What each request takes on its way: half before the stub acts, half after. */
  requestMs?: number
  /** What a preprocess run takes. */
  preprocessMs?: number
  /** What a proof takes. */
  proofMs?: number
  /** What the verification of a proof takes. */
  verificationMs?: number
  /** The share of requests that get 503 and do nothing, 0 to 1. */
  unavailable?: number
  /** The share of requests whose connection is reset, 0 to 1: every other one after the stub has acted. */
  resets?: number
  /** What the failures are drawn from; the same seed gives the same failures for the same sequence of requests. */
  seed?: number
  /** How many requests any second admits; the others get 429 with Retry-After. Left out: all. */
  perSecond?: number
  /** How many of the next preprocess runs end with an error. */
  failingPreprocesses?: number
  /** Whether `Prefer: wait=<s>` is honoured (`Preference-Applied: wait`). */
  longPoll?: boolean
  /** Whether a proof is made only by `generate_proof`, as the protocol's older generation has it. */
  proofOnRequest?: boolean
}

export const DEFAULTS: Required<StubOptions> = {
  requestMs: 0,
  preprocessMs: 0,
  proofMs: 0,
  verificationMs: 0,
  unavailable: 0,
  resets: 0,
  seed: 1,
  perSecond: Infinity,
  failingPreprocesses: 0,
  longPoll: false,
  proofOnRequest: false,
}
