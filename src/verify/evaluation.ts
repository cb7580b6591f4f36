/** Options of an evaluation, in the form that crosses to the engine. */

import { normalizeClaims } from "../claims/normalize.js"
import type { After, EvaluateOptions } from "../engine/engine.js"
import type { Checkpoint } from "../verdict.js"
import { DEFAULT_TIMEOUT_MS, type EvaluateHandoffOptions } from "./options.js"

/** The checkpoint that another must extend. */
export function extended(checkpoint: Checkpoint | undefined): After | null {
  return checkpoint ? { origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root } : null
}

/** All of them, with every default filled in. */
export function evaluateOptions(options: EvaluateHandoffOptions, verifierKeys: string[] | null): EvaluateOptions {
  return {
    verifierKeys,
    allowBackendTrust: options.allowBackendTrust ?? false,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    expect: options.expect ?? null,
    claims: options.claims ? normalizeClaims(options.claims) : null,
    agentId: options.agentId ?? null,
    boundRun: options.runId ?? null,
    storeScope: options.scope === "store",
    maxCheckpointAgeMs: options.maxCheckpointAgeMs ?? null,
    after: extended(options.after),
    bundles: options.bundles ?? false,
  }
}
