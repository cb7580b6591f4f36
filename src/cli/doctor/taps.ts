/** Does the recorder see requests? It watches two that go to this very process, in a folder of its own. */

import { mkdtemp, rm } from "node:fs/promises"
import { createServer, get } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { VouchsafeError } from "../../errors.js"
import { start } from "../../lifecycle.js"
import { broken, ok, type Finding } from "./finding.js"

const CLIENTS: Record<string, (url: string) => Promise<unknown>> = {
  fetch: async (url) => (await fetch(url)).text(),
  "node:http": (url) =>
    new Promise((resolve, reject) => {
      get(url, (response) => response.resume().on("end", resolve)).on("error", reject)
    }),
}

export async function checkTaps(): Promise<Finding> {
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-doctor-"))
  const restore = withoutEnvironment()
  const server = createServer((_, response) => response.end("{}"))
  try {
    await new Promise<void>((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve))
    const unseen = await unseenClients(dir, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    if (unseen.length === 0) return ok("taps", `requests by ${Object.keys(CLIENTS).join(" and ")} are seen`)
    return broken(
      "taps",
      `requests by ${unseen.join(" and ")} are not seen`,
      "is another library replacing node:http or fetch's dispatcher? Import vouchsafe first: node --import vouchsafe/register",
    )
  } catch (error) {
    if (!(error instanceof VouchsafeError)) throw error
    return broken("taps", error.message, `is ${tmpdir()} writable?`)
  } finally {
    server.close()
    server.closeAllConnections()
    restore()
    await rm(dir, { recursive: true, force: true })
  }
}

async function unseenClients(dir: string, url: string): Promise<string[]> {
  const vouchsafe = await start({ dir, trustedEndpoints: [url] })
  try {
    const unseen: string[] = []
    for (const [name, request] of Object.entries(CLIENTS)) {
      const before = vouchsafe.stats().recorded
      await request(url)
      await vouchsafe.flush()
      if (vouchsafe.stats().recorded !== before + 1) unseen.push(name)
    }
    return unseen
  } finally {
    await vouchsafe.shutdown()
  }
}

/** Takes our own variables away until the returned function is called: what they name is not to be touched. */
function withoutEnvironment(): () => void {
  const ours = Object.entries(process.env).filter(([name]) => name.startsWith("VOUCHSAFE_"))
  for (const [name] of ours) delete process.env[name]
  return () => {
    for (const [name, value] of ours) process.env[name] = value
  }
}
