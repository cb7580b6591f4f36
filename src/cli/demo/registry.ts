/** The package registry that the agent's tool asks. */

import { execFile } from "node:child_process"
import { commandWith, DemoError } from "./error.js"

/** How long one answer may take. */
const TIMEOUT_MS = 10_000

/** What a registry says about the latest version of a package, as far as the demo reads it. */
export interface Manifest {
  name: string
  version: string
  license?: unknown
}

/** The registry that npm is configured for on this machine. */
export async function configuredRegistry(): Promise<string> {
  const answer = await new Promise<string>((resolve, reject) => {
    const options = { shell: process.platform === "win32" }
    execFile("npm", ["config", "get", "registry"], options, (error, stdout) => (error ? reject(error) : resolve(stdout)))
  }).catch((error: Error) => {
    throw new DemoError(`npm did not say which registry it uses: ${error.message}`)
  })
  const registry = answer.trim()
  if (!/^https?:\/\/\S+$/.test(registry)) throw new DemoError(`npm's registry is no URL: ${registry}`)
  return registry
}

/** Where a registry answers about the latest version of a package; scoped names are escaped as npm escapes them. */
export function latestUrl(registry: string, name: string): string {
  return `${registry.replace(/\/+$/, "")}/${name.replace("/", "%2f")}/latest`
}

/** The agent's tool: asks for a package's latest version. */
export async function latestVersion(registry: string, name: string): Promise<Manifest> {
  const url = latestUrl(registry, name)
  let body: unknown
  try {
    const response = await fetch(url, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok) throw new DemoError(`${url} answered ${response.status}: is there a package \`${name}\`?`)
    body = await response.json()
  } catch (error) {
    if (error instanceof DemoError) throw error
    throw new DemoError(`${url} gave no answer (${reason(error)}). Without a network: ${commandWith("--offline")}`)
  }
  const { version } = (body ?? {}) as Partial<Manifest>
  if (typeof version !== "string") throw new DemoError(`${url} answered without a version`)
  return body as Manifest
}

/** The innermost cause: fetch itself only says "fetch failed". */
function reason(error: unknown): string {
  const { cause, code, message } = error as { cause?: unknown; code?: unknown; message?: string }
  if (cause !== undefined) return reason(cause)
  return typeof code === "string" ? code : (message ?? String(error))
}
