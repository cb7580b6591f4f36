import { createHash, createHmac } from "node:crypto"
import { join } from "node:path"
import test from "ava"
import { start, withTool } from "../../index.js"
import { temporary } from "../exit/folder.js"
import { startTorture } from "../servers/torture.js"
import { rows } from "./database.js"

const MIB = 1024 * 1024

test.serial("of a body of 100 MiB the beginning is kept, all is hashed, and memory stays", async (t) => {
  const dir = join(await temporary(t), "store")
  const server = await startTorture()
  t.teardown(() => server.close())
  const vouchsafe = await start({ dir })
  const wire = createHash("sha256")
  let most = 0
  const read = async (size: number, hash: boolean): Promise<number> => {
    let length = 0
    for await (const chunk of (await fetch(`${server.url}/endless/${size}`)).body!) {
      length += (chunk as Uint8Array).byteLength
      if (hash) wire.update(chunk as Uint8Array)
      most = Math.max(most, process.memoryUsage.rss())
    }
    return length
  }
  // What a first, smaller body takes, is what any body takes.
  await read(10 * MIB, false)
  const before = most
  const callRef = await withTool({ name: "large" }, async ({ callRef }) => {
    t.is(await read(100 * MIB, true), 100 * MIB)
    return callRef
  })
  const verdict = await vouchsafe.verify([
    { callRef, contains: "x" },
    { callRef, equals: "y" },
    { callRef, part: "status", equals: 200 },
  ])
  t.deepEqual(verdict.claims.map(({ reason }) => reason), ["unverifiable", "unverifiable", "supported"])
  t.regex(verdict.claims[0]!.message, /was cut when it was recorded/)
  t.true(most - before < 64 * MIB, `${((most - before) / MIB).toFixed(1)} MiB more`)
  await vouchsafe.shutdown()
  const [row] = rows(dir, "SELECT * FROM intercepts JOIN row_keys USING (row_seq) WHERE action_name = 'large'")
  const { truncated, body_length, response, key, c_wire } = row as { [name: string]: unknown } & Record<"key" | "c_wire" | "response", Uint8Array>
  t.deepEqual([Number(truncated), Number(body_length), response!.length], [1, 100 * MIB, 4 * MIB])
  const wireKey = createHmac("sha256", key!).update("wire").digest()
  t.deepEqual(Buffer.from(c_wire!), createHmac("sha256", wireKey).update(wire.digest()).digest())
})
