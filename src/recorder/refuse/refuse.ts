import type { Endpoint } from "./endpoint.js"
import { refuseHttp } from "./http.js"
import { refuseHttp2 } from "./http2.js"
import { Judge } from "./judge.js"
import { refuseSockets } from "./net.js"
import { refuseUndici } from "./undici.js"

/** Refuses what is not trusted, before any lookup or connection, until the function that it returns is called. */
export function refuseUntrusted(endpoints: readonly Endpoint[]): () => void {
  const judge = new Judge(endpoints)
  const undo = [refuseUndici(judge), refuseHttp(judge), refuseSockets(judge), refuseHttp2(judge)]
  return () => {
    for (const one of undo) one()
  }
}
