/** The same tool calls and claims with the unmodified Python SDK. */

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { pathToFileURL } from "node:url"
import { type Figure, skipped } from "../harness.js"
import { CALLS, LATENCIES } from "./latencies.js"
import { openBackend, type Scene } from "./scene.js"

const NAME = "the Python SDK 1.5.0: 10 tool calls of 1 ms and 10 claims"
const PROGRAM = resolve("benchmarks/old/sdk.py")
const SETUP = pathToFileURL("scripts/setup/python.mjs").href

interface Printed {
  toolsMs: number
  verifyMs: number
  outcome: string
}

export async function sdk(scene: Scene): Promise<Figure> {
  const { pythonSdk } = (await import(SETUP)) as { pythonSdk(): Promise<{ python: string } | { skip: string }> }
  const found = await pythonSdk()
  if ("skip" in found) return skipped(NAME, found.skip)
  const { stub, postgresUrl, close } = await openBackend(scene, LATENCIES)
  const home = await mkdtemp(join(tmpdir(), "vouchsafe-bench-"))
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    XDG_CONFIG_HOME: home,
    PYTHONDONTWRITEBYTECODE: "1",
    SOURCERYKIT_PROVABLY_API_URL: stub.url,
    PROVABLY_ACCESS_TOKEN: "token",
    SOURCERYKIT_ORG_ID: "00000000-0000-4000-8000-000000000001",
    SOURCERYKIT_PROJECT_NAME: "bench",
    SOURCERYKIT_POSTGRES_URL: postgresUrl.replace(/^postgres:/, "postgresql:"),
  }
  const child = spawn(found.python, [PROGRAM, scene.tool(1), String(CALLS)], { env, cwd: home, timeout: 120_000 })
  const errors = text(child.stderr)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const ended = once(child, "close")
  try {
    if ((await lines.next()).done) throw new Error(`the SDK ended: ${await errors}`)
    await stub.forget()
    child.stdin.write("\n")
    const printed = JSON.parse(String((await lines.next()).value)) as Printed
    await ended
    const { requests, preprocesses, records } = await stub.stats()
    if (printed.outcome !== "PASS") throw new Error(`true claims came out as ${printed.outcome}`)
    const { toolsMs, verifyMs } = printed
    const detail = { toolsMs, verifyMs, requests, preprocesses: preprocesses.length, records }
    return { name: NAME, value: toolsMs + verifyMs, unit: "ms", detail }
  } finally {
    child.kill()
    await close()
    await rm(home, { recursive: true, force: true })
  }
}
