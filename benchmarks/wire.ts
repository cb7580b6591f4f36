/** Tool calls and claims over a backend whose times are known, beside what the former client needs for the same. */

import { type Benchmark, skipped } from "./harness.js"
import { countFigures, delayFigure, formerFigure, quickFigure, slowFigure } from "./wire/figures.js"
import { GROUPED, LATENCIES } from "./wire/latencies.js"
import { limited } from "./wire/limited.js"
import { former } from "./wire/old.js"
import { openAgent, openBackend, openScene, type Scene } from "./wire/scene.js"
import { sdk } from "./wire/sdk.js"
import { type Session, session } from "./wire/session.js"

const ROUNDS = 10
const WARM_UP = 3
const PLAIN_CALLS = 200

/** Each on a backend, a database and a folder that nobody has used. */
async function cold(scene: Scene): Promise<Session[]> {
  const sessions: Session[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const backend = await openBackend(scene, LATENCIES)
    const agent = await openAgent(backend)
    sessions.push(await session(agent.vouchsafe, backend.stub, scene.tool(1)))
    await agent.close()
    await backend.close()
  }
  return sessions
}

/** One agent that goes on. */
async function warm(scene: Scene): Promise<{ quick: Session[]; slow: Session[]; grouped: Session }> {
  const backend = await openBackend(scene, LATENCIES)
  const { vouchsafe, close } = await openAgent(backend)
  const run = async (toolMs: number): Promise<Session[]> => {
    const sessions: Session[] = []
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const one = await session(vouchsafe, backend.stub, scene.tool(toolMs))
      if (round >= 0) sessions.push(one)
    }
    return sessions
  }
  const quick = await run(1)
  const slow = await run(30)
  const grouped = await session(vouchsafe, backend.stub, scene.tool(1), GROUPED)
  await close()
  await backend.close()
  return { quick, slow, grouped }
}

/** What the calls of a tool take that nobody records. */
async function plainCalls(url: string): Promise<number[]> {
  const samples: number[] = []
  for (let call = -PLAIN_CALLS; call < PLAIN_CALLS; call++) {
    const began = performance.now()
    await (await fetch(url)).json()
    if (call >= 0) samples.push(performance.now() - began)
  }
  return samples
}

export const wire: Benchmark = {
  name: "wire",
  run: async () => {
    const scene = await openScene()
    if ("skip" in scene) return [skipped("wire", scene.skip)]
    try {
      const url = scene.tool(1)
      const plain = await plainCalls(url)
      const old = await former(scene, url, 50, 100)
      const oldGrouped = await former(scene, url, 50, 100, GROUPED)
      const floors = [await former(scene, url, 100, 100), await former(scene, url, 300, 300)] as const
      const coldSessions = await cold(scene)
      const { quick, slow, grouped } = await warm(scene)
      return [
        quickFigure("cold", coldSessions),
        quickFigure("warm", quick),
        slowFigure(slow),
        delayFigure("cold", plain, coldSessions),
        delayFigure("warm", plain, quick),
        ...countFigures(quick, grouped, old, oldGrouped),
        formerFigure("0.05 to 0.1 s", old),
        formerFigure("0.1 s", floors[0]),
        formerFigure("0.3 s", floors[1]),
        await sdk(scene),
        ...(await limited(scene)),
      ]
    } finally {
      await scene.close()
    }
  },
}
