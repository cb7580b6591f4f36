/** The protocol's server, which runs in the native engine. */

import { binding, value } from "./native.js"

/** What a server is started with. */
export interface ServeOptions {
  /** An IP address to listen on. */
  host: string
  /** 0 is a free one. */
  port: number
  /** A folder, or a postgres:// URL. */
  store: string
  /** The file with the keys; null: `tokens` in the store's folder. */
  tokenFile: string | null
  /** UUIDs of the organizations that are served; null: any. */
  orgs: string[] | null
  /** null: only where it listens on a loopback address. */
  allowPrivateDatabases: boolean | null
  /** The longest request body. */
  maxBodyBytes: number
  /** Requests a second, for each key. */
  ratePerSecond: number
}

/** A server that runs. */
export interface Serving {
  /** With the port that it really listens on. */
  url: string
  /** The token that was made at its first start, which is kept nowhere; null where there was a token file. */
  token: string | null
  /** Resolves when it listens no more, whoever ended it. */
  ended(): Promise<void>
  /** Lets requests end for at most this long and closes the store; resolves to whether all of them ended. */
  close(deadlineMs: number): Promise<boolean>
}

/** Starts a server; its log goes to stderr as JSON lines, or nowhere where it is `quiet`. */
export async function serve(options: ServeOptions, quiet: boolean): Promise<Serving> {
  const server = value(await binding().serve(JSON.stringify(options), quiet))
  return {
    url: `http://${server.address()}`,
    token: server.freshToken(),
    ended: () => server.ended(),
    close: (deadlineMs) => server.close(deadlineMs),
  }
}
