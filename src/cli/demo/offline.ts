/** A registry of three packages on this machine, for a demo without a network. */

import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { FIXTURES } from "./fixtures.js"

/** A running registry. */
export interface OfflineRegistry {
  url: string
  close(): void
}

/** Starts one on a free port of the loopback interface. */
export async function startOfflineRegistry(): Promise<OfflineRegistry> {
  const server = createServer((request, response) => {
    const manifest = FIXTURES.find(({ name }) => request.url === `/${name}/latest`)
    response.writeHead(manifest ? 200 : 404, { "content-type": "application/json" })
    response.end(JSON.stringify(manifest ?? { error: "not found" }))
  })
  await new Promise<void>((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
