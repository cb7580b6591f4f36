import { join } from "node:path"
import test from "ava"
import { checkProof, start, type Claim, type Verdict } from "../../index.js"
import { call } from "../conformance/scene.js"
import { temporary } from "../exit/folder.js"
import { json, startServer, type TestServer } from "../servers/server.js"
import { everyLeafChanged } from "./mutations.js"
import { said } from "./said.js"

let server: TestServer
let verdict: Verdict
let bundles: string[]
test.before(async (t) => {
  server = await startServer((_request, response) => json(response, { price: 42, name: "\u{1f600} é\u2028" }))
  const vouchsafe = await start({ dir: join(await temporary(t), "store") })
  const claims: Claim[] = []
  for (let i = 0; i < 5; i++) {
    const callRef = await call(`${server.url}/${i}`, { method: "POST", body: '{"sku":7}' })
    claims.push({ callRef, path: "price", equals: 42 })
  }
  verdict = await vouchsafe.verify(claims, { bundles: true })
  bundles = verdict.claims.map(({ proof }) => proof!.bundle!)
  vkey = vouchsafe.verifierKey
  await vouchsafe.shutdown()
})
test.after.always(() => server.close())
let vkey: string
