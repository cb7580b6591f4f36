/** Bundles as a store makes them. */

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { start, type Claim } from "../../index.js"
import { call } from "../conformance/scene.js"
import { json, startServer } from "../servers/server.js"

/** What a verification hands out, and the key that its log is checked with. */
export interface Recorded {
  bundles: string[]
  vkey: string
}

/** Records a few calls and verifies a claim on each, by call and by row. */
export async function recorded(): Promise<Recorded> {
  const folder = await mkdtemp(join(tmpdir(), "vouchsafe-"))
  const server = await startServer((_request, response) => json(response, { price: 42, name: "\u{1f600} é\u2028" }))
  try {
    const vouchsafe = await start({ dir: join(folder, "store") })
    const claim = { path: "price", equals: 42 }
    const claims: Claim[] = []
    for (let i = 0; i < 3; i++) {
      claims.push({ callRef: await call(`${server.url}/${i}?q=é`, { method: "POST", body: '{"sku":7}' }), ...claim })
    }
    const { claims: first } = await vouchsafe.verify(claims)
    claims.push(...first.map(({ evidence }) => ({ rowId: evidence!.rowId, ...claim })))
    const verdict = await vouchsafe.verify(claims, { bundles: true })
    const { verifierKey } = vouchsafe
    await vouchsafe.shutdown()
    return { bundles: verdict.claims.map(({ proof }) => proof!.bundle!), vkey: verifierKey }
  } finally {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}
