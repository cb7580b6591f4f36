import v8 from "node:v8"
import vm from "node:vm"
import test from "ava"
import { startTorture } from "../servers/torture.js"
import { recorded } from "./collect.js"

const MIB = 1024 * 1024

test.serial("two hundred MiB through a recorded fetch add at most 16 MiB", async (t) => {
  v8.setFlagsFromString("--expose-gc")
  const collectGarbage = vm.runInNewContext("gc") as () => void
  const server = await startTorture()
  async function held(): Promise<number> {
    const response = await fetch(`${server.url}/endless/${200 * MIB}`)
    let size = 0
    let next = 0
    const samples: number[] = []
    for await (const chunk of response.body!) {
      size += (chunk as Uint8Array).byteLength
      if (size < next) continue
      next += 10 * MIB
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      samples.push(heapUsed + arrayBuffers)
    }
    t.is(size, 200 * MIB)
    // The server is in this process too, and how much it has in flight varies: the median is what is held throughout.
    return samples.toSorted((a, b) => a - b)[samples.length >> 1]!
  }
  await held()
  const bare = await held()
  const { result, rows } = await recorded(held)
  t.is(rows[0]!.responseLength, 200 * MIB)
  t.is(rows[0]!.responseHash!.length, 32)
  t.true(result - bare <= 16 * MIB, `${((result - bare) / MIB).toFixed(1)} MiB more`)
  await server.close()
})
