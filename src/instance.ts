/** One started vouchsafe: a recorder, an engine, and what they are asked. */

import { normalizeClaims } from "./claims/normalize.js"
import type { Claims } from "./claims/claim.js"
import { BufferedSink } from "./buffer.js"
import type { Engine, EngineInfo, EngineModule } from "./engine/engine.js"
import { InvalidOptionError, NotStartedError, StoreError } from "./errors.js"
import { stringify } from "./json.js"
import { opened } from "./opened.js"
import type { Resolved } from "./options.js"
import { currentContext } from "./recorder/context.js"
import { recordErrors } from "./recorder/failures.js"
import { installRecorder, type RecorderHandle } from "./recorder/install.js"
import { shared } from "./recorder/shared.js"
import { toolRecord, type ToolReport } from "./tool.js"
import type { Checkpoint, HandoffPayload, Stats, Verdict } from "./verdict.js"
import { givenOptions } from "./verify/building.js"
import { evaluateOptions } from "./verify/evaluation.js"
import { waitForOpen } from "./verify/open.js"
import {
  checkVerifyOptions,
  DEFAULT_TIMEOUT_MS,
  type BuildPayloadOptions,
  type EvaluateHandoffOptions,
  type VerifyOptions,
} from "./verify/options.js"
import { trustedKeys } from "./verify/trust.js"

/** How long shutdown() waits for the disk. */
const SHUTDOWN_MS = 10_000
/** How long it waits for the log before that. */
const COMMIT_MS = 5_000

/** Is told when an instance stops recording, and when it has nothing left to write. */
export interface InstanceEvents {
  stopped(): void
  drained(): void
}

/** A started vouchsafe; `start()` makes them. */
export class Vouchsafe {
  readonly #options: Resolved
  readonly #module: EngineModule
  readonly #events: InstanceEvents
  readonly #runId: string
  readonly #recordErrorsBefore = recordErrors()
  readonly #sink = new BufferedSink()
  #recorder: RecorderHandle | null = null
  #watchingSinceUs: number | null = null
  #channels: string[] = []
  #engine: Engine | null = null
  #opening: Promise<void> | null = null
  #closing: Promise<void> | null = null

  /** Installs the recorder, so that nothing is missed while the store is being opened. */
  constructor(options: Resolved, module: EngineModule, events: InstanceEvents) {
    this.#options = options
    this.#module = module
    this.#events = events
    this.#runId = module.runOf(options.dir)
    if (options.record.http) {
      this.#recorder = this.#install(this.#sink)
      this.#watchingSinceUs = Date.now() * 1000
      this.#channels = [...new Set(this.#recorder.channels.map((name) => name.split(/[:.]/, 1)[0] ?? name))]
    }
  }

  #install(sink: Pick<Engine, "record">): RecorderHandle {
    const { record, trustedEndpoints, agentId } = this.#options
    const defaults = { agentId, runId: this.#runId }
    return installRecorder({
      sink,
      defaults: () => defaults,
      maxBodyBytes: record.maxBodyBytes,
      include: record.include ?? undefined,
      exclude: record.exclude ?? undefined,
      modelEndpoints: record.modelEndpoints,
      modelBodies: record.modelBodies,
      trustedEndpoints: trustedEndpoints ?? undefined,
      onError: (where, error) =>
        this.#options.onEvent({ type: "recordError", code: where, message: String((error as Error)?.message ?? error) }),
    })
  }

  /** Opens the store; on an error the recorder is taken away again. */
  open(): Promise<void> {
    return (this.#opening = this.#open())
  }

  async #open(): Promise<void> {
    try {
      const { dir, engine: options, onEvent, token } = this.#options
      const engine = await this.#module.open(dir, options, onEvent, token)
      this.#engine = engine
      this.#sink.open(engine)
      if (this.#recorder) {
        // The newest installation wins: from here on an exchange goes to the engine without a detour.
        const buffered = this.#recorder
        this.#recorder = this.#install(engine)
        buffered.uninstall()
        await engine.watch(this.#channels)
      }
      await opened(engine, this.#recorder !== null, options, onEvent)
    } catch (error) {
      this.#sink.discard()
      this.#stop()
      this.#events.drained()
      throw error
    }
  }

  #started(what: string): Engine {
    if (!this.#engine) throw new NotStartedError(what)
    return this.#engine
  }

  /** The engine, once the store is open; what kept it from opening otherwise. */
  async #ready(what: string): Promise<Engine> {
    if (!this.#closing) await this.#opening
    return this.#started(what)
  }

  /**
   * The key that others check this log with, as a vkey. Throws a BackendError with a remote backend, which signs with its
   * own, and a StoreError where the log is in a Postgres that did not answer while start() waited for it, at most 2 s.
   */
  get verifierKey(): string {
    return this.#started("verifierKey").verifierKey()
  }

  /** The run that exchanges outside any withRun belong to. */
  get runId(): string {
    return this.#runId
  }

  /** Records a tool call that is no HTTP; self-reported, kind `tool`. */
  recordTool = (report: ToolReport): { rowId: string; callRef: string } => {
    if (this.#closing) throw new NotStartedError("recordTool")
    if (typeof report?.name !== "string" || report.name === "") {
      throw new InvalidOptionError("name", "a tool has a name")
    }
    const record = toolRecord(report, currentContext(), this.#runId)
    ;(this.#engine ?? this.#sink).recordTool(record)
    return { rowId: record.rowId, callRef: record.callRef }
  }

  /** Waits until everything recorded so far is on disk. */
  flush = async (): Promise<void> => (await this.#ready("flush")).flush()

  /** Waits until everything recorded so far is in the log; the newest checkpoint where it is already. */
  commit = async (): Promise<Checkpoint> => JSON.parse(await (await this.#ready("commit")).commit()) as Checkpoint

  /**
   * Pins a checkpoint of this log, which may be one that another process made: what is signed from now on extends it.
   *
   * @throws ForkedStoreError where the log does not extend it (an older copy of the store was restored): nothing more is
   * signed then. InvalidOptionError where it is no checkpoint that this log's key signed.
   */
  pin = async (checkpoint: Checkpoint | string): Promise<void> => {
    const engine = await this.#ready("pin")
    const note = typeof checkpoint === "object" ? checkpoint?.note : checkpoint
    if (typeof note !== "string") throw new InvalidOptionError("pin", "expected a checkpoint, or its signed note")
    await engine.pin(note)
  }

  /** Counters since start. */
  stats = (): Stats => ({ ...this.#started("stats").stats(), recordErrors: recordErrors() })

  /** Which engine runs, and why. */
  engineInfo = (): EngineInfo => this.#module.info()

  /** Turns claims into a verdict: build and evaluate in one call. */
  verify = async (claims: Claims, options: VerifyOptions = {}): Promise<Verdict> => {
    const engine = await this.#ready("verify")
    const asked = normalizeClaims(claims)
    checkVerifyOptions(options)
    const build = await this.#build(asked, options)
    const verdict = await engine.verify(stringify(asked), build, this.#evaluate(options), options.signal ?? null)
    return JSON.parse(verdict) as Verdict
  }

  /** Builds a payload that another process can evaluate with this log's verifier key alone. */
  buildHandoffPayload = async (claims: Claims, options: BuildPayloadOptions = {}): Promise<HandoffPayload> => {
    const engine = await this.#ready("buildHandoffPayload")
    const asked = normalizeClaims(claims)
    checkVerifyOptions(options)
    const build = await this.#build(asked, options)
    return JSON.parse(await engine.build(stringify(asked), build, options.signal ?? null)) as HandoffPayload
  }

  /** Evaluates a payload, whoever built it, and keeps a trace of the verdict. */
  evaluateHandoff = async (payload: HandoffPayload | string, options: EvaluateHandoffOptions = {}): Promise<Verdict> => {
    const engine = await this.#ready("evaluateHandoff")
    checkVerifyOptions(options)
    const text = typeof payload === "string" ? payload : JSON.stringify(payload)
    return JSON.parse(await engine.evaluate(text, this.#evaluate(options), options.signal ?? null)) as Verdict
  }

  async #build(claims: ReturnType<typeof normalizeClaims>, options: BuildPayloadOptions) {
    const { agentId } = this.#options
    const scope = {
      agentId: options.agentId ?? agentId,
      runId: options.runId ?? currentContext().runId ?? this.#runId,
      store: options.scope === "store",
    }
    options.signal?.throwIfAborted()
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
    const began = performance.now()
    const open = this.#recorder ? await waitForOpen(claims, scope, timeoutMs, options.signal) : []
    return {
      agentId: scope.agentId,
      runId: scope.runId,
      storeScope: scope.store,
      watchingSinceUs: this.#isWatching() ? this.#watchingSinceUs : null,
      channels: this.#channels,
      open,
      timeoutMs: Math.max(1, timeoutMs - (performance.now() - began)),
      maxConcurrency: options.maxConcurrency ?? this.#options.engine.maxConcurrency,
      ...givenOptions(options),
    }
  }

  /** Whether every exchange of this thread would have come here: nothing is left out, nobody else records, nothing failed. */
  #isWatching(): boolean {
    const { include, exclude } = this.#options.record
    const isActive = this.#recorder !== null && shared.active?.sink === this.#engine
    return isActive && !include && !exclude && recordErrors() === this.#recordErrorsBefore
  }

  #evaluate(options: EvaluateHandoffOptions) {
    return evaluateOptions(options, trustedKeys(options.verifierKeys, this.#options.dir, null))
  }

  /** Writes what is queued, closes the store with the last instance of its folder, and takes the recorder away. Idempotent. */
  shutdown = (): Promise<void> => {
    this.#closing ??= this.#shutdown()
    return this.#closing
  }

  async #shutdown(): Promise<void> {
    this.#stop()
    // What was recorded while the store was being opened is written too.
    await this.#opening?.catch(() => {})
    const engine = this.#engine
    if (engine) await this.#commitInTime(engine)
    const written = (await engine?.close(SHUTDOWN_MS)) ?? true
    this.#engine = null
    this.#events.drained()
    if (!written) {
      throw new StoreError("STORE_IO", "the store could not take everything that was recorded before it was closed")
    }
  }

  /** The log is brought up to date while there is time; rows that are left get their leaf at the next start. */
  async #commitInTime(engine: Engine): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, COMMIT_MS)
    })
    await Promise.race([engine.commit().catch(() => {}), patience])
    clearTimeout(timer)
  }

  /** Writes what was recorded so far, on this thread, at most `deadlineMs`; everything goes on. */
  flushSync = (deadlineMs = 2000): void => {
    if (this.#engine) this.#engine.flushSync(deadlineMs)
    else this.#drainSync(deadlineMs)
  }

  /** The same for exit handlers: on this thread, without a commit, at most `deadlineMs`. */
  shutdownSync = (deadlineMs = 2000): void => {
    this.#stop()
    if (!this.#engine) {
      this.#drainSync(deadlineMs)
      return void this.shutdown() // Closes it once it is open, if the process lives that long.
    }
    this.#engine.closeSync(deadlineMs)
    this.#engine = null
    this.#events.drained()
  }

  /** Writes what was recorded while the store was being opened, which a process that exits will not see the end of. */
  #drainSync(deadlineMs: number): void {
    if (!this.#sink.isWaiting) return
    try {
      const { dir, engine: options, onEvent, token } = this.#options
      const engine = this.#module.openSync(dir, options, onEvent, token)
      this.#sink.open(engine)
      engine.closeSync(deadlineMs)
    } catch {
      // Whoever awaits start() is told why; an exit handler has nobody to tell.
    }
  }

  #stop(): void {
    this.#recorder?.uninstall()
    this.#recorder = null
    this.#events.stopped()
  }
}
