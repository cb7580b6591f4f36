/** The scripted agent: it asks its tool about each package and answers with claims about what came back. */

import { withTool, type Claim } from "../../../index.js"
import { latestVersion, type Manifest } from "./registry.js"

/** One tool call, as the agent saw it; times are of `performance.now()`. */
export interface ToolCall {
  package: string
  callRef: string
  from: number
  to: number
  manifest: Manifest
}

/** Asks for the packages, one call after the other, as a model would. */
export async function askTools(registry: string, packages: readonly string[]): Promise<ToolCall[]> {
  const calls: ToolCall[] = []
  for (const name of packages) {
    const from = performance.now()
    const answer = await withTool({ name: "latest_version", id: `call_${calls.length + 1}` }, async ({ callRef }) => ({
      callRef,
      manifest: await latestVersion(registry, name),
    }))
    calls.push({ package: name, ...answer, from, to: performance.now() })
  }
  return calls
}

/** What the agent claims: two values of the first call and one of the second. */
export function truthfulClaims([first, second]: readonly ToolCall[]): Claim[] {
  if (!first || !second) throw new TypeError("the agent makes at least two calls")
  const { license } = first.manifest
  const other = typeof license === "string" ? { path: "license", equals: license } : { path: "name", equals: first.manifest.name }
  return [
    versionClaim(first),
    { ...other, callRef: first.callRef, text: `${first.package}'s ${other.path} is ${other.equals}` },
    versionClaim(second),
  ]
}

function versionClaim({ callRef, package: name, manifest: { version } }: ToolCall): Claim {
  return { callRef, path: "version", equals: version, text: `${name}'s latest version is ${version}` }
}

/** The same answer with its last version made up: the kind of slip that nobody sees. */
export function inventedClaims(calls: readonly ToolCall[]): Claim[] {
  const second = calls[1]
  if (!second) throw new TypeError("the agent makes at least two calls")
  const made = { ...second, manifest: { ...second.manifest, version: invented(second.manifest.version) } }
  return [...truthfulClaims(calls).slice(0, 2), versionClaim(made)]
}

/** Another version that looks as true as this one: its last number is one higher. */
export function invented(version: string): string {
  const next = version.replace(/\d+(?=\D*$)/, (digits) => String(BigInt(digits) + 1n))
  return next === version ? `${version}.1` : next
}
