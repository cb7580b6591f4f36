/** Fetches URLs as a tool named `get` and verifies claims: `say.ts DIR CLAIMS URL…`; prints the verdict. */

import { start, withTool, type Claim } from "../../../index.js"

const [dir, claims, ...urls] = process.argv.slice(2)
const vouchsafe = await start({ dir: dir! })
for (const url of urls) await withTool({ name: "get" }, async () => (await fetch(url)).arrayBuffer())
console.log(JSON.stringify(await vouchsafe.verify(JSON.parse(claims!) as Claim[])))
await vouchsafe.shutdown()
