/** Options of `verify`, `buildHandoffPayload` and `evaluateHandoff`. */

import { InvalidOptionError } from "../errors.js"
import { number } from "../options.js"
import type { Claim } from "../claims/claim.js"
import type { Checkpoint } from "../verdict.js"

/** What the evaluator accepts as evidence, applied to the proven row and never to the claim's own fields. */
export interface Expect {
  /** Endpoint patterns of which one must match the exchange's URL. */
  endpoints?: string[]
  actions?: string[]
  agentIds?: string[]
  /** Kinds of rows; default ["http"]. Self-reported tools count only with ["http", "tool"]. */
  kinds?: ("http" | "tool" | "model")[]
  /** How old the exchange may be at the checkpoint, in ms. */
  maxAgeMs?: number
}

/** Options of `buildHandoffPayload`. */
export interface BuildPayloadOptions {
  /** How long all of it may take, in ms; default 30,000. */
  timeoutMs?: number
  /** Ends the call; it rejects with the signal's reason. */
  signal?: AbortSignal
  /** Calls to the backend under way at once for this call; default: the engine's own limit. */
  maxConcurrency?: number
  /** The agent of claims that name none; default: the one that start() was given. */
  agentId?: string
  /** The run that `action` and the default look into; default: the current run. The evaluator binds every selector to it. */
  runId?: string
  /** "store": `action` and the default look into all runs; default "run". */
  scope?: "run" | "store"
  /** What the agent was told to do. */
  prompt?: string
  /** What it answered. */
  answer?: string
  /** What it was asked. */
  task?: string
  /** A checkpoint that this one must be shown to extend. */
  after?: Checkpoint
  /**
   * What of the exchanges the payload gives away; default "all". "fields": only what the claims look at (`body` needs
   * the response and its headers, `headers` the response's headers, `request` the request, its headers and the URL,
   * `status` nothing, and a claim's `url`, or `expect.endpoints` of verify, the URL). "none": nothing, so that only
   * claims on what the row itself says, as its status, can be decided. What is withheld stays a commitment that cannot
   * be guessed, and a claim that looks at it is `unverifiable`. The row itself is always given: action, method, status,
   * times. An evaluator's own claims find what the payload's claims look at.
   */
  disclose?: "all" | "fields" | "none"
  /**
   * Whether the payload carries the backend's integration key, so that others can ask it; default false. Other SDKs'
   * evaluators need it.
   */
  includeApiKey?: boolean
}

/** Options of `evaluateHandoff`. */
export interface EvaluateHandoffOptions {
  /** How long asking a remote backend may take, in ms; default 30,000. */
  timeoutMs?: number
  /** Ends the call; it rejects with the signal's reason. */
  signal?: AbortSignal
  /** Keys that are trusted to sign, as vkeys; default: the trusted-keys file, else this engine's own key, where it signs. */
  verifierKeys?: string[]
  /**
   * Whether the word of this engine's own remote backend counts where it has no proof, or one of a key that is not trusted;
   * default false. Where any key is trusted it does not. The verdict then says `trust: "backend"`.
   */
  allowBackendTrust?: boolean
  expect?: Expect
  /** The evaluator's own claims on the payload's proofs, in place of the payload's claims. */
  claims?: Claim[]
  agentId?: string
  /** Binds all evidence to this run. */
  runId?: string
  scope?: "run" | "store"
  /** How old the checkpoint may be, in ms. */
  maxCheckpointAgeMs?: number
  after?: Checkpoint
  /** Whether each claim's verdict carries the bundle that proves it; default false. */
  bundles?: boolean
}

/** Options of `verify`. */
export type VerifyOptions = BuildPayloadOptions & Omit<EvaluateHandoffOptions, "claims">

/** How long a call may take where its options do not say, in ms. */
export const DEFAULT_TIMEOUT_MS = 30_000

const KEYS = new Set([
  "timeoutMs",
  "signal",
  "maxConcurrency",
  "agentId",
  "runId",
  "scope",
  "prompt",
  "answer",
  "task",
  "after",
  "disclose",
  "includeApiKey",
  "verifierKeys",
  "allowBackendTrust",
  "expect",
  "claims",
  "maxCheckpointAgeMs",
  "bundles",
])
const KINDS: Record<string, string> = {
  agentId: "string",
  runId: "string",
  prompt: "string",
  answer: "string",
  task: "string",
  bundles: "boolean",
  includeApiKey: "boolean",
  allowBackendTrust: "boolean",
}

/** Checks options that may hold both halves; throws `InvalidOptionError` naming the key. */
export function checkVerifyOptions(options: VerifyOptions & EvaluateHandoffOptions): void {
  if (typeof options !== "object" || options === null) throw new InvalidOptionError("options", "expected an object")
  for (const [key, value] of Object.entries(options)) {
    if (!KEYS.has(key)) throw new InvalidOptionError(key, "unknown option")
    const kind = KINDS[key]
    if (kind && value !== undefined && typeof value !== kind) throw new InvalidOptionError(key, `expected a ${kind}`)
  }
  const { timeoutMs, maxConcurrency, scope, disclose, signal, verifierKeys, after, maxCheckpointAgeMs } = options
  if (timeoutMs !== undefined) number("timeoutMs", timeoutMs, 1, 2 ** 31 - 1)
  if (maxConcurrency !== undefined) number("maxConcurrency", maxConcurrency, 1, 1024)
  if (maxCheckpointAgeMs !== undefined) number("maxCheckpointAgeMs", maxCheckpointAgeMs, 0, Number.MAX_SAFE_INTEGER)
  if (scope !== undefined && scope !== "run" && scope !== "store") {
    throw new InvalidOptionError("scope", 'expected "run" or "store"')
  }
  if (disclose !== undefined && !["all", "fields", "none"].includes(disclose)) {
    throw new InvalidOptionError("disclose", 'expected "all", "fields" or "none"')
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidOptionError("signal", "expected an AbortSignal")
  }
  if (verifierKeys !== undefined && !isTexts(verifierKeys)) {
    throw new InvalidOptionError("verifierKeys", "expected a list of vkeys")
  }
  if (after !== undefined && !(after && isTexts([after.origin, after.size, after.root]))) {
    throw new InvalidOptionError("after", "expected a checkpoint: { origin, size, root }")
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string")
}
