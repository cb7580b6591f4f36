/** A folder as an agent leaves it: one honest verdict and one that was caught. */

import { readFileSync, readdirSync } from "node:fs"
import { cp, mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { start, withTool, type HandoffPayload } from "../../index.js"

/** What the tool answers: a price that no double holds, and a name that would hijack a terminal. */
const BODY = '{"price": 9007199254740993, "name": "\\u001b]0;owned\\u0007 \\u202egnp.exe", "city": "東京都"}'
/** What would clear the screen, and is wider than it has characters. */
const TASK = "\u001B[2Jwhat is the price in 東京都東京都東京都東京都東京都東京都東京都東京都東京都東京都?"

/** What an agent left behind. */
export interface Stored {
  dir: string
  url: string
  rowId: string
  vkey: string
  /** The payloads of both verdicts. */
  honest: HandoffPayload
  caught: HandoffPayload
  /** The honest claim's bundle. */
  bundle: string
  /** The newest checkpoint. */
  note: string
}

const made: string[] = []

/** An empty folder; {@link removeFolders} removes it. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "vouchsafe-cli-"))
  made.push(dir)
  return dir
}

/** Removes all of them. */
export async function removeFolders(): Promise<void> {
  await Promise.all(made.map((dir) => rm(dir, { recursive: true, force: true })))
}

let first: Promise<Stored> | undefined

/** A folder with one exchange and two verdicts on it: all of a file's tests get copies of the same. */
export async function storedFolder(): Promise<Stored> {
  first ??= record()
  const stored = await first
  const dir = join(await temporaryFolder(), ".vouchsafe")
  await cp(stored.dir, dir, { recursive: true })
  return { ...stored, dir }
}

async function record(): Promise<Stored> {
  const dir = join(await temporaryFolder(), ".vouchsafe")
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json").end(BODY)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const vouchsafe = await start({ dir })
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/price`
    const callRef = await withTool({ name: "price" }, async ({ callRef }) => {
      await (await fetch(url)).text()
      return callRef
    })
    const about = { callRef, path: "$.price" }
    const right = [{ ...about, equals: 9007199254740993n, text: "the price is right" }]
    const wrong = [{ ...about, equals: 42, text: "the price is \u001B[31m42" }]
    const { claims } = await vouchsafe.verify(right, {
      task: "what is the price?",
      answer: "9007199254740993",
      bundles: true,
    })
    await vouchsafe.verify(wrong, { task: TASK })
    const { evidence, proof } = claims[0]!
    return {
      dir,
      url,
      rowId: evidence!.rowId,
      vkey: vouchsafe.verifierKey,
      honest: await vouchsafe.buildHandoffPayload(right),
      caught: await vouchsafe.buildHandoffPayload(wrong),
      bundle: proof!.bundle!,
      note: (await vouchsafe.commit()).note,
    }
  } finally {
    await vouchsafe.shutdown()
    server.close()
  }
}

/** All files of a folder by name, but for what SQLite keeps beside its database. */
export function contentOf(dir: string): Record<string, string> {
  const names = readdirSync(dir).filter((name) => !/-(?:wal|shm)$/.test(name))
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name)).toString("base64")]))
}
