/** Evaluating without a started engine: with keys alone, or with the backend that the environment names. */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { nativeModule } from "../engine/native.js"
import { NotStartedError } from "../errors.js"
import { resolve } from "../options.js"
import { evaluateOptions } from "./evaluation.js"
import type { EvaluateHandoffOptions } from "./options.js"
import { trustedKeys } from "./trust.js"

const CLOSE_MS = 2_000

/** The verdict as JSON text; no trace of it is kept. */
export async function evaluateUnstarted(payload: string, options: EvaluateHandoffOptions): Promise<string> {
  const keys = trustedKeys(options.verifierKeys, null, null)
  if (process.env["VOUCHSAFE_BACKEND_URL"] !== undefined) return evaluateWithBackend(payload, options, keys)
  if (!keys) throw new NotStartedError("evaluateHandoff without verifierKeys")
  return nativeModule(false).evaluateOffline(payload, evaluateOptions(options, keys))
}

/** An engine has a folder; this one's is gone with it. */
async function evaluateWithBackend(
  payload: string,
  options: EvaluateHandoffOptions,
  keys: string[] | null,
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-"))
  try {
    const { engine: engineOptions, token } = resolve({ dir })
    const engine = await nativeModule(false).open(dir, { ...engineOptions, keyFile: null, pin: null }, () => {}, token)
    try {
      return await engine.evaluate(payload, evaluateOptions(options, keys), options.signal ?? null)
    } finally {
      await engine.close(CLOSE_MS)
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
