/** Starting and stopping, and the module-level functions, which use the instance started last. */

import type { Claims } from "./claims/claim.js"
import type { EngineInfo } from "./engine/engine.js"
import { nativeModule } from "./engine/native.js"
import { NotStartedError } from "./errors.js"
import { onExit, type Ending } from "./exit.js"
import { Vouchsafe } from "./instance.js"
import { resolve, type StartOptions } from "./options.js"
import type { ToolReport } from "./tool.js"
import type { Checkpoint, HandoffPayload, Stats, Verdict } from "./verdict.js"
import {
  checkVerifyOptions,
  type BuildPayloadOptions,
  type EvaluateHandoffOptions,
  type VerifyOptions,
} from "./verify/options.js"
import { evaluateUnstarted } from "./verify/unstarted.js"

/** Instances in the order of their start, until they are told to stop. */
const instances: Vouchsafe[] = []
/** Those whose rows may not all be on disk: also while they are being shut down. */
const undrained = new Set<Vouchsafe>()

function current(what: string): Vouchsafe {
  const newest = instances.at(-1)
  if (!newest) throw new NotStartedError(what)
  return newest
}

/** What this copy of the library does when the process ends. */
const ENDING: Ending = {
  flush: () => undrained.forEach((instance) => instance.flushSync()),
  drain: () => shutdownSync(),
}

function forget(instance: Vouchsafe): void {
  const at = instances.indexOf(instance)
  if (at !== -1) instances.splice(at, 1)
}

/**
 * Starts recording and opens the store. What is fetched after the call is recorded, whether it is awaited or not.
 *
 * @throws InvalidOptionError, OptionsConflictError, StoreError, EngineUnavailableError
 */
export async function start(options: StartOptions = {}): Promise<Vouchsafe> {
  const resolved = resolve(options)
  const instance = new Vouchsafe(resolved, nativeModule(resolved.record.modelBodies), {
    stopped: () => forget(instance),
    drained: () => undrained.delete(instance),
  })
  instances.push(instance)
  undrained.add(instance)
  onExit(ENDING)
  await instance.open()
  return instance
}

/** Ends every instance of this thread: what was recorded is on disk afterwards. Idempotent. */
export async function shutdown(): Promise<void> {
  await Promise.all([...undrained].map((instance) => instance.shutdown()))
}

/** The same for exit handlers: on this thread, at most `deadlineMs` for each instance. */
export function shutdownSync(deadlineMs = 2000): void {
  for (const instance of undrained) instance.shutdownSync(deadlineMs)
}

/** The earlier SDK's name for start and shutdown with defaults; need not be awaited. */
export async function configureIndexing({ enableIndexing }: { enableIndexing: boolean }): Promise<void> {
  if (!enableIndexing) return shutdown()
  if (instances.length === 0) await start()
}

/** Waits until everything recorded so far is on disk. */
export const flush = async (): Promise<void> => current("flush").flush()

/** Waits until everything recorded so far is in the log, and returns its checkpoint. */
export const commit = async (): Promise<Checkpoint> => current("commit").commit()

/**
 * Pins a checkpoint of this log, or its signed note: what is signed from now on extends it.
 *
 * @throws ForkedStoreError, InvalidOptionError, NotStartedError, StoreError
 */
export const pin = async (checkpoint: Checkpoint | string): Promise<void> => current("pin").pin(checkpoint)

/** Counters since start. */
export const stats = (): Stats => current("stats").stats()

/** Which engine runs, and why. */
export const engineInfo = (): EngineInfo => current("engineInfo").engineInfo()

/** Records a tool call that is no HTTP; self-reported, kind `tool`. */
export const recordTool = (report: ToolReport): { rowId: string; callRef: string } =>
  current("recordTool").recordTool(report)

/**
 * Turns claims into a verdict, with the exchange as evidence and a proof.
 *
 * @throws InvalidClaimError, InvalidOptionError, NotStartedError, the signal's reason
 */
export const verify = async (claims: Claims, options?: VerifyOptions): Promise<Verdict> =>
  current("verify").verify(claims, options)

/**
 * Builds a payload that another process can evaluate with this log's verifier key alone.
 *
 * @throws InvalidClaimError, InvalidOptionError, NotStartedError, StoreError, TimeoutError, the signal's reason
 */
export const buildHandoffPayload = async (claims: Claims, options?: BuildPayloadOptions): Promise<HandoffPayload> =>
  current("buildHandoffPayload").buildHandoffPayload(claims, options)

/**
 * Evaluates a payload. Needs no started engine where it is told which keys to trust, or where the environment names a
 * backend, and then keeps no trace.
 *
 * @throws InvalidPayloadError, InvalidOptionError, InvalidClaimError, NotStartedError
 */
export async function evaluateHandoff(
  payload: HandoffPayload | string,
  options: EvaluateHandoffOptions = {},
): Promise<Verdict> {
  const newest = instances.at(-1)
  if (newest) return newest.evaluateHandoff(payload, options)
  checkVerifyOptions(options)
  const text = typeof payload === "string" ? payload : JSON.stringify(payload)
  return JSON.parse(await evaluateUnstarted(text, options)) as Verdict
}
