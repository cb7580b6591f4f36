/** The same tool calls and claims with the former client. */

import { OldClient } from "../old/client.js"
import { chain } from "../stub/log.js"
import { CALLS, LATENCIES } from "./latencies.js"
import { openBackend, type Scene } from "./scene.js"

export interface Former {
  toolsMs: number
  verifyMs: number
  requests: number
  preprocesses: number
  records: number
  /** Round trips one after the other of the queries and of the verifications. */
  roundTrips: number
}

/** `firstMs`, `capMs`: between two polls. */
export async function former(scene: Scene, url: string, firstMs: number, capMs: number, rows = CALLS): Promise<Former> {
  const { stub, postgresUrl, close } = await openBackend(scene, LATENCIES)
  const client = await OldClient.open(stub.url, postgresUrl, { firstMs, capMs })
  await stub.forget()
  const began = performance.now()
  const refs: string[] = []
  for (let call = 0; call < rows; call++) refs.push(await client.tool("price", url))
  const recorded = performance.now()
  const claims = Array.from({ length: CALLS }, (_, n) => ({ callRef: refs[n % rows]!, path: "price", equals: 42 }))
  if (!(await client.verify(claims))) throw new Error("true claims came out as false")
  const ended = performance.now()
  const log = await stub.log()
  const { requests, preprocesses, records } = await stub.stats()
  await client.close()
  await close()
  return {
    toolsMs: recorded - began,
    verifyMs: ended - recorded,
    requests,
    preprocesses: preprocesses.length,
    records,
    roundTrips: chain(log, "POST query") + chain(log, "POST verify"),
  }
}

