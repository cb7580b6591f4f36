/** Where rows are kept and who commits them: the options `store` and `backend`. Options win over environment. */

import type { BackendOptions, TokenSource } from "./engine/engine.js"
import { InvalidOptionError } from "./errors.js"

/** Rows also go to a Postgres database that others read; they wait in the folder while it is away. */
export interface SharedStore {
  /**
   * `postgres://user:password@host:5432/database`, with `sslmode` and `sslrootcert` as libpq means them. A remote backend is given this user and password to read the rows with: make a role of its
   * own for it, with rights to this database only.
   */
  postgresUrl: string
}

/** A backend that is another process: `vouchsafe serve`, or whatever else speaks its protocol. */
export interface RemoteBackend {
  /**
   * Its base URL; default VOUCHSAFE_BACKEND_URL. Over plain `http://` the token and the database's password can be read on
   * the way: use it within one machine or a network of your own, and `https://` elsewhere.
   */
  url?: string
  /** The organisation's UUID; default VOUCHSAFE_ORG_ID. */
  orgId?: string
  /**
   * The bearer token, or a function that gives one: it is called when the first is needed, and again after one was
   * refused. Default VOUCHSAFE_TOKEN.
   */
  token?: string | (() => string | Promise<string>)
  /** The integration key, in place of a token; default VOUCHSAFE_API_KEY. */
  apiKey?: string
  /** The name under which the organisation keeps this table's queries; default VOUCHSAFE_PROJECT, else "vouchsafe". */
  project?: string
  /**
   * How long one operation may take, a commit, a query or its proof, with what it waits for and its retries, in ms;
   * default 25,000. It ends an operation even where the `timeoutMs` of a `verify` would leave it more.
   */
  timeoutMs?: number
}

/** Both, as they cross to the engine. */
export interface Backing {
  backend: BackendOptions | null
  postgresUrl: string | null
  token: TokenSource | null
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const KEYS = ["url", "orgId", "token", "apiKey", "project", "timeoutMs"]

/** Checks both; throws `InvalidOptionError` naming the key, and never says what may be a secret. */
export function backing(
  store: "sqlite" | SharedStore | undefined,
  backend: "embedded" | RemoteBackend | undefined,
  env: NodeJS.ProcessEnv,
): Backing {
  const postgresUrl = shared(store, env)
  if (backend === undefined && env["VOUCHSAFE_BACKEND_URL"] === undefined) return { backend: null, postgresUrl, token: null }
  if (backend === "embedded") return { backend: null, postgresUrl, token: null }
  if (backend !== undefined && (typeof backend !== "object" || backend === null)) {
    throw new InvalidOptionError("backend", 'expected "embedded" or { url, orgId, token | apiKey, project }')
  }
  return { ...remote(backend ?? {}, env), postgresUrl }
}

function shared(store: unknown, env: NodeJS.ProcessEnv): string | null {
  if (store === "sqlite") return null
  if (store === undefined) {
    const named = env["VOUCHSAFE_POSTGRES_URL"]
    return named === undefined ? null : postgres("VOUCHSAFE_POSTGRES_URL", named)
  }
  if (typeof store !== "object" || store === null) {
    throw new InvalidOptionError("store", 'expected "sqlite" or { postgresUrl }')
  }
  for (const key of Object.keys(store)) {
    if (key !== "postgresUrl") throw new InvalidOptionError(`store.${key}`, "unknown; known is postgresUrl")
  }
  return postgres("store.postgresUrl", (store as Partial<SharedStore>).postgresUrl)
}

function postgres(key: string, url: unknown): string {
  if (typeof url === "string" && /^postgres(ql)?:\/\//.test(url)) return url
  throw new InvalidOptionError(key, "expected a URL that begins with postgres://")
}

function remote(given: RemoteBackend, env: NodeJS.ProcessEnv): Omit<Backing, "postgresUrl"> {
  for (const key of Object.keys(given)) {
    if (!KEYS.includes(key)) throw new InvalidOptionError(`backend.${key}`, `unknown; known are ${KEYS.join(", ")}`)
  }
  const url = webUrl("backend.url", given.url ?? env["VOUCHSAFE_BACKEND_URL"])
  const orgId = given.orgId ?? env["VOUCHSAFE_ORG_ID"]
  if (typeof orgId !== "string" || !UUID.test(orgId)) throw new InvalidOptionError("backend.orgId", "expected a UUID")
  const own = given.token !== undefined || given.apiKey !== undefined
  const token = given.token ?? (own ? undefined : env["VOUCHSAFE_TOKEN"])
  const apiKey = given.apiKey ?? (own ? undefined : env["VOUCHSAFE_API_KEY"])
  if (token !== undefined && apiKey !== undefined) {
    throw new InvalidOptionError("backend.apiKey", "give it or `token`, not both")
  }
  if (token === undefined && apiKey === undefined) {
    throw new InvalidOptionError("backend.token", "expected it, or `apiKey`")
  }
  const timeoutMs = given.timeoutMs ?? 25_000
  if (!(typeof timeoutMs === "number" && timeoutMs >= 1 && timeoutMs <= 2 ** 31 - 1)) {
    throw new InvalidOptionError("backend.timeoutMs", "expected a number from 1 to 2147483647")
  }
  const isSource = typeof token === "function"
  return {
    backend: {
      url,
      orgId: orgId.toLowerCase(),
      token: isSource ? null : text("backend.token", token),
      apiKey: text("backend.apiKey", apiKey),
      project: text("backend.project", given.project ?? env["VOUCHSAFE_PROJECT"]) ?? "vouchsafe",
      timeoutMs,
    },
    token: isSource ? source(token) : null,
  }
}

function webUrl(key: string, value: unknown): string {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new InvalidOptionError(key, "expected a URL that begins with https:// or http://, without a user, query or fragment")
  }
  return url.href.replace(/\/+$/, "")
}

function text(key: string, value: unknown): string | null {
  if (value === undefined) return null
  // What cannot be in a header would be refused later, by an error that shows it.
  if (typeof value === "string" && /^[\x21-\x7e][\x20-\x7e]*$/.test(value)) return value
  throw new InvalidOptionError(key, "expected a string of printable ASCII characters that is not empty")
}

/** What a program's function gives, as the engine takes it: a rejection where it is no token. */
function source(token: () => string | Promise<string>): TokenSource {
  return async () => {
    const given = await token()
    if (typeof given !== "string" || given === "") throw new TypeError("backend.token gave no string")
    return given
  }
}
