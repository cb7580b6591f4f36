/** The arguments of `vouchsafe serve`, read. */

import { isIP } from "node:net"
import { join, resolve } from "node:path"
import type { ServeOptions } from "../../engine/serve.js"
import type { Common } from "../command.js"
import { UsageError } from "../error.js"

/** The arguments as they are given. */
export interface ServeFlags extends Common {
  port: number
  host: string
  store?: string
  tokenFile?: string
  org?: string[]
  allowPrivateDatabases?: boolean
  maxBody: number
  rate: number
  quiet?: boolean
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Whether a store is a database and no folder. */
export const isDatabase = (store: string): boolean => /^postgres(ql)?:\/\//.test(store)

/** What the server is started with; throws a {@link UsageError} that names the argument. */
export function readOptions(flags: ServeFlags): ServeOptions {
  const { port, host, store = join(flags.dir, "server"), tokenFile, org, maxBody, rate } = flags
  if (isIP(host) === 0) throw new UsageError(`--host: ${host} is no IP address`)
  for (const one of org ?? []) if (!UUID.test(one)) throw new UsageError(`--org: ${one} is no UUID`)
  if (isDatabase(store) && tokenFile === undefined) throw new UsageError("--token-file is needed where the store is a database")
  return {
    host,
    port,
    store: isDatabase(store) ? store : resolve(store),
    tokenFile: tokenFile === undefined ? null : resolve(tokenFile),
    orgs: org ?? null,
    allowPrivateDatabases: flags.allowPrivateDatabases ?? null,
    maxBodyBytes: maxBody,
    ratePerSecond: rate,
  }
}
