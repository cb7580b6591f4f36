/** What `start` takes, with environment and defaults filled in. Options win over environment. */

import { ENDPOINTS_FILE, endpointsOf } from "./endpoints-file.js"
import { InvalidOptionError } from "./errors.js"
import { backing, type RemoteBackend, type SharedStore } from "./backend.js"
import type { EngineEvent, EngineOptions, TokenSource } from "./engine/engine.js"
import { pinned } from "./pin.js"
import { Endpoint } from "./recorder/refuse/endpoint.js"

/** What of HTTP is recorded. */
export interface RecordOptions {
  /** Whether HTTP is recorded at all; default true. */
  http?: boolean
  /** Record only URLs that match one of these endpoint patterns. */
  include?: string[]
  /** Do not record URLs that match one of these. */
  exclude?: string[]
  /** Bytes of a body that are kept; default 4 MiB. */
  maxBodyBytes?: number
  /** Further endpoints that are language models. */
  modelEndpoints?: string[]
  /** Whether the bodies of model exchanges are kept; default false. */
  modelBodies?: boolean
}

/** Options of `start`. */
export interface StartOptions {
  /** The store's folder; default ".vouchsafe", or VOUCHSAFE_DIR. */
  dir?: string
  /** Where rows are kept; default: with VOUCHSAFE_POSTGRES_URL the shared one that it names, else "sqlite", the folder alone. In either case recording waits for the folder only. */
  store?: "sqlite" | SharedStore
  /**
   * Who commits rows and answers claims; default "embedded": this process, to the folder's own log, or with a shared store
   * to one in that Postgres; or with VOUCHSAFE_BACKEND_URL a remote one. A remote backend needs a shared store to build on.
   */
  backend?: "embedded" | RemoteBackend
  /** The agent of what names none; default "_default", or VOUCHSAFE_AGENT_ID. */
  agentId?: string
  /** How long new rows wait for a commit where no verification asks for one, in ms; default 50. */
  debounceMs?: number
  /** Calls to the backend under way at once; default 8. */
  maxConcurrency?: number
  /**
   * Endpoints that requests may go to; default: VOUCHSAFE_TRUSTED_ENDPOINTS, else those of `vouchsafe endpoints`, else
   * any. All others are refused before anything leaves.
   */
  trustedEndpoints?: string[]
  /** What to redact beyond the defaults. */
  redact?: { headers?: string[]; query?: string[]; paths?: string[] }
  record?: RecordOptions
  /** Bodies are deleted after `days` (default 30), or when the database is larger than `maxBytes` (default 1 GiB). */
  retention?: { days?: number; maxBytes?: number }
  /** The log's name; default: made from its key. */
  origin?: string
  /** Default "auto", or VOUCHSAFE_ENGINE. */
  engine?: "auto" | "native"
  /** Is told what no call returns. */
  onEvent?: (event: EngineEvent | { type: "recordError"; code: string; message: string }) => void
}

/** Every option, resolved. */
export interface Resolved {
  dir: string
  agentId: string
  trustedEndpoints: string[] | null
  record: Required<Omit<RecordOptions, "include" | "exclude">> & { include: string[] | null; exclude: string[] | null }
  engine: EngineOptions
  /** Gives a remote backend's bearer tokens. */
  token: TokenSource | null
  onEvent: NonNullable<StartOptions["onEvent"]>
}

const KEYS: Record<string, readonly string[] | null> = {
  dir: null,
  store: null,
  backend: null,
  agentId: null,
  debounceMs: null,
  maxConcurrency: null,
  trustedEndpoints: null,
  redact: ["headers", "query", "paths"],
  record: ["http", "include", "exclude", "maxBodyBytes", "modelEndpoints", "modelBodies"],
  retention: ["days", "maxBytes"],
  origin: null,
  engine: null,
  onEvent: null,
}

/** Checks the options and fills in environment and defaults; throws `InvalidOptionError` naming the key. */
export function resolve(options: StartOptions = {}, env: NodeJS.ProcessEnv = process.env): Resolved {
  knownKeys(options)
  const { record = {}, redact = {}, retention = {} } = options
  oneOf("engine", options.engine ?? env["VOUCHSAFE_ENGINE"], ["auto", "native"])
  const debounce = options.debounceMs ?? Number(env["VOUCHSAFE_DEBOUNCE_MS"] ?? 50)
  const agentId = text("agentId", options.agentId ?? env["VOUCHSAFE_AGENT_ID"]) ?? "_default"
  if (agentId.length > 255) throw new InvalidOptionError("agentId", "at most 255 characters")
  const { token, ...behind } = backing(options.store, options.backend, env)
  const dir = text("dir", options.dir ?? env["VOUCHSAFE_DIR"]) ?? ".vouchsafe"
  return {
    dir,
    agentId,
    trustedEndpoints:
      patterns("trustedEndpoints", options.trustedEndpoints) ??
      patterns("VOUCHSAFE_TRUSTED_ENDPOINTS", env["VOUCHSAFE_TRUSTED_ENDPOINTS"]?.split(/[\s,]+/).filter(Boolean)) ??
      patterns(ENDPOINTS_FILE, endpointsOf(dir) ?? undefined),
    record: {
      http: flag("record.http", record.http, true),
      include: patterns("record.include", record.include),
      exclude: patterns("record.exclude", record.exclude),
      maxBodyBytes: whole("record.maxBodyBytes", record.maxBodyBytes ?? 4 * 1024 * 1024, 0, 1024 ** 3),
      modelEndpoints: patterns("record.modelEndpoints", record.modelEndpoints) ?? [],
      modelBodies: flag("record.modelBodies", record.modelBodies, false),
    },
    engine: {
      debounceMs: number("debounceMs", debounce, 0, 3_600_000),
      maxConcurrency: whole("maxConcurrency", options.maxConcurrency ?? 8, 1, 1024),
      redact: {
        headers: list("redact.headers", redact.headers) ?? [],
        query: list("redact.query", redact.query) ?? [],
        paths: list("redact.paths", redact.paths) ?? [],
      },
      maxBodyBytes: record.maxBodyBytes ?? 4 * 1024 * 1024,
      retentionDays: number("retention.days", retention.days ?? 30, 0, 36_500),
      retentionBytes: whole("retention.maxBytes", retention.maxBytes ?? 1024 ** 3, 0, Number.MAX_SAFE_INTEGER),
      origin: text("origin", options.origin) ?? null,
      keyFile: env["VOUCHSAFE_KEY_FILE"] ?? null,
      pin: pinned(env["VOUCHSAFE_PIN"]),
      ...behind,
    },
    token,
    onEvent: options.onEvent ?? (() => {}),
  }
}

function knownKeys(options: StartOptions): void {
  if (typeof options !== "object" || options === null) throw new InvalidOptionError("options", "expected an object")
  for (const [key, value] of Object.entries(options)) {
    const inner = KEYS[key]
    if (inner === undefined) throw new InvalidOptionError(key, `unknown; known are ${Object.keys(KEYS).join(", ")}`)
    if (inner === null || value === undefined) continue
    if (typeof value !== "object" || value === null) throw new InvalidOptionError(key, "expected an object")
    for (const name of Object.keys(value)) {
      if (!inner.includes(name)) throw new InvalidOptionError(`${key}.${name}`, `unknown; known are ${inner.join(", ")}`)
    }
  }
}

function oneOf(key: string, value: unknown, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value as string)) {
    throw new InvalidOptionError(key, `expected ${allowed.map((one) => `"${one}"`).join(" or ")}`)
  }
}

function text(key: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== "string" || value === "") throw new InvalidOptionError(key, "expected a string that is not empty")
  return value
}

function flag(key: string, value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault
  if (typeof value !== "boolean") throw new InvalidOptionError(key, "expected true or false")
  return value
}

function list(key: string, value: unknown): string[] | null {
  if (value === undefined) return null
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return [...value]
  throw new InvalidOptionError(key, "expected a list of strings")
}

function patterns(key: string, value: unknown): string[] | null {
  const given = list(key, value)
  for (const pattern of given ?? []) {
    try {
      Endpoint.parse(pattern)
    } catch (error) {
      throw new InvalidOptionError(key, (error as Error).message)
    }
  }
  return given
}

/** A finite number within bounds. */
export function number(key: string, value: unknown, min: number, max: number): number {
  if (typeof value === "number" && value >= min && value <= max) return value
  throw new InvalidOptionError(key, `expected a number from ${min} to ${max}`)
}

function whole(key: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value)) return number(key, value, min, max)
  throw new InvalidOptionError(key, `expected a whole number from ${min} to ${max}`)
}
