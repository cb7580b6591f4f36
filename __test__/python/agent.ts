/** An agent on Node: does what stdin says on the backend that it names, and prints the payload. */

import { json } from "node:stream/consumers"
import { start, withTool, type Claim, type StartOptions } from "../../index.js"

interface Todo {
  options: StartOptions
  calls: { tool: string; url: string }[]
  /** "ref:0" as callRef stands for the first call. */
  claims: Claim[]
}

const { options, calls, claims } = (await json(process.stdin)) as Todo
const vouchsafe = await start(options)
const refs: string[] = []
for (const { tool, url } of calls) {
  const ref = await withTool({ name: tool }, async ({ callRef }) => {
    await (await fetch(url)).text()
    return callRef
  })
  refs.push(ref)
}
const named = claims.map((claim) => (claim.callRef ? { ...claim, callRef: refs[Number(claim.callRef.slice(4))]! } : claim))
const payload = await vouchsafe.buildHandoffPayload(named, { includeApiKey: true })
await vouchsafe.shutdown()
process.stdout.write(JSON.stringify({ refs, payload }))
