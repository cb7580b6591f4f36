/** The stub's process: does what its parent asks, and ends with it. */

import type { StubOptions } from "./options.js"
import { StubServer } from "./server.js"

/** What the parent may ask. */
export type Ask = "start" | "stop" | "change" | "log" | "forget" | "stats"

const server = new StubServer(JSON.parse(process.argv[2] ?? "{}") as StubOptions)

process.on("message", async ({ id, ask, options }: { id: number; ask: Ask; options: StubOptions }) => {
  const answer = await server[ask](options)
  process.send?.({ id, answer })
})
process.on("disconnect", async () => {
  await server.close()
  process.exit()
})
