import { createHash, createHmac } from "node:crypto"
import { join } from "node:path"
import v8 from "node:v8"
import vm from "node:vm"
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
  v8.setFlagsFromString("--expose-gc")
  const collectGarbage = vm.runInNewContext("gc") as () => void
  /** Reads a body; its hash, and the memory that was held half of the time. */
  async function read(): Promise<{ hash: Buffer; held: number }> {
    const hash = createHash("sha256")
    const samples: number[] = []
    let length = 0
    for await (const chunk of (await fetch(`${server.url}/endless/${100 * MIB}`)).body!) {
      hash.update(chunk as Uint8Array)
      length += (chunk as Uint8Array).byteLength
      if (length < (samples.length + 1) * 5 * MIB) continue
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      samples.push(heapUsed + arrayBuffers)
    }
    t.is(length, 100 * MIB)
    return { hash: hash.digest(), held: samples.toSorted((a, b) => a - b)[samples.length >> 1]! }
  }
  const bare = await read()
  const vouchsafe = await start({ dir })
  const { callRef, recorded } = await withTool({ name: "large" }, async ({ callRef }) => ({ callRef, recorded: await read() }))
  const verdict = await vouchsafe.verify([
    { callRef, contains: "x" },
    { callRef, equals: "y" },
    { callRef, part: "status", equals: 200 },
  ])
  t.deepEqual(verdict.claims.map(({ reason }) => reason), ["unverifiable", "unverifiable", "supported"])
  t.regex(verdict.claims[0]!.message, /was cut when it was recorded/)
  const more = recorded.held - bare.held
  t.true(more < 16 * MIB, `${(more / MIB).toFixed(1)} MiB more`)
  await vouchsafe.shutdown()
  const [row] = rows(dir, "SELECT * FROM intercepts JOIN row_keys USING (row_seq) WHERE action_name = 'large'")
  const { truncated, body_length, response, key, c_wire } = row as { [name: string]: unknown } & Record<"key" | "c_wire" | "response", Uint8Array>
  t.deepEqual([Number(truncated), Number(body_length), response!.length], [1, 100 * MIB, 4 * MIB])
  const wireKey = createHmac("sha256", key!).update("wire").digest()
  t.deepEqual(Buffer.from(c_wire!), createHmac("sha256", wireKey).update(recorded.hash).digest())
})
