/** A backend that admits five requests a second, and one that fails three requests in ten. */

import { type Figure } from "../harness.js"
import type { StubOptions } from "../stub/options.js"
import type { StubStats } from "../stub/stats.js"
import { LATENCIES } from "./latencies.js"
import { openAgent, openBackend, type Scene } from "./scene.js"
import { session } from "./session.js"

async function under(scene: Scene, options: StubOptions): Promise<{ ms: number; stats: StubStats }> {
  const backend = await openBackend(scene, LATENCIES)
  const agent = await openAgent(backend)
  await session(agent.vouchsafe, backend.stub, scene.tool(1))
  await backend.stub.change(options)
  const { toolsMs, verifyMs } = await session(agent.vouchsafe, backend.stub, scene.tool(1))
  const stats = await backend.stub.stats()
  await agent.close()
  await backend.close()
  return { ms: toolsMs + verifyMs, stats }
}

export async function limited(scene: Scene): Promise<Figure[]> {
  const rate = await under(scene, { perSecond: 5 })
  const faults = await under(scene, { unavailable: 0.2, resets: 0.1 })
  return [
    {
      name: "5 requests/s: requests before their Retry-After",
      value: rate.stats.early,
      unit: "",
      atMost: 0,
      detail: { totalMs: rate.ms, requests: rate.stats.requests, refused: rate.stats.limited },
    },
    {
      name: "20 % 503, 10 % resets: tools + verify",
      value: faults.ms,
      unit: "ms",
      detail: { requests: faults.stats.requests, failed: faults.stats.failed },
    },
  ]
}
