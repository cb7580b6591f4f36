import { failed } from "./failures.js"
import { HTTP_CHANNELS, tapHttp, untapHttp } from "./http.js"
import { Endpoint } from "./refuse/endpoint.js"
import { refuseUntrusted } from "./refuse/refuse.js"
import { shared } from "./shared.js"
import type { Sink } from "./sink.js"
import { tapUndici, UNDICI_CHANNELS, untapUndici } from "./undici.js"

const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024

export interface RecorderOptions {
  readonly sink: Sink
  /** What rows carry where the context names none; asked once per exchange, at its beginning. */
  readonly defaults: () => { agentId: string | null; runId: string | null }
  /** How many bytes are kept each way; default 4 MiB. The rest is hashed. */
  readonly maxBodyBytes?: number | undefined
  /** Endpoints to record; absent: all. */
  readonly include?: readonly string[] | undefined
  /** Endpoints not to record, even if included. */
  readonly exclude?: readonly string[] | undefined
  /** Endpoints that are models. */
  readonly modelEndpoints?: readonly string[] | undefined
  /** Whether the bodies of model exchanges are kept; default false. */
  readonly modelBodies?: boolean | undefined
  /** The only endpoints that may be reached; absent: any. */
  readonly trustedEndpoints?: readonly string[] | undefined
  /** Told once of each kind of error that the recorder itself makes. */
  readonly onError?: ((where: string, error: unknown) => void) | undefined
}

export interface RecorderHandle {
  /** Idempotent. What is open then, is not recorded, unless an earlier installation is still there. */
  uninstall(): void
  /** The diagnostics channels that are listened to. */
  readonly channels: readonly string[]
}

/** The options as the taps need them. */
export interface Settings {
  readonly sink: Sink
  readonly defaults: RecorderOptions["defaults"]
  readonly maxBodyBytes: number
  readonly include: readonly Endpoint[] | null
  readonly exclude: readonly Endpoint[]
  readonly modelEndpoints: readonly Endpoint[]
  readonly modelBodies: boolean
  readonly trustedEndpoints: readonly Endpoint[] | null
  readonly onError: (where: string, error: unknown) => void
}

const installed: Settings[] = []
let stopRefusing: (() => void) | null = null

/**
 * Records the HTTP exchanges of this thread, and refuses those that are not trusted. Installations share the taps, across
 * copies of this library too; the newest one's sink and options win.
 *
 * @throws EndpointError for a pattern that is none
 */
export function installRecorder(options: RecorderOptions): RecorderHandle {
  shared.install ??= install
  return shared.install(options)
}

function install(options: RecorderOptions): RecorderHandle {
  const settings = settingsOf(options)
  if (installed.length === 0) {
    tapUndici()
    tapHttp()
  }
  installed.push(settings)
  activate()
  return {
    channels: [...UNDICI_CHANNELS, ...HTTP_CHANNELS],
    uninstall: () => uninstall(settings),
  }
}

function uninstall(settings: Settings): void {
  const at = installed.indexOf(settings)
  if (at === -1) return
  installed.splice(at, 1)
  activate()
  if (installed.length > 0) return
  untapUndici()
  untapHttp()
}

function activate(): void {
  const newest = installed.at(-1) ?? null
  shared.active = newest
  stopRefusing?.()
  stopRefusing = null
  try {
    if (newest?.trustedEndpoints) stopRefusing = refuseUntrusted(newest.trustedEndpoints)
  } catch (error) {
    failed("refusal", error)
    throw error
  }
}

function settingsOf(options: RecorderOptions): Settings {
  return {
    sink: options.sink,
    defaults: options.defaults,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    include: options.include?.map(Endpoint.parse) ?? null,
    exclude: options.exclude?.map(Endpoint.parse) ?? [],
    modelEndpoints: options.modelEndpoints?.map(Endpoint.parse) ?? [],
    modelBodies: options.modelBodies ?? false,
    trustedEndpoints: options.trustedEndpoints?.map(Endpoint.parse) ?? null,
    onError: options.onError ?? (() => {}),
  }
}
