/** The three tools that must be on the machine. Their oldest versions are read from package.json and Cargo.toml. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { root, run, SetupError } from "./step.mjs"

/** Checks node, npm and cargo; returns what was found. */
export async function checkTools() {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
  const workspace = await readFile(join(root, "Cargo.toml"), "utf8")
  const oldestNode = manifest.engines.node.replace(">=", "")
  const oldestCargo = workspace.match(/^rust-version = "([\d.]+)"/m)[1]

  const node = process.versions.node
  if (older(node, oldestNode)) throw new SetupError(`Node ${oldestNode} or newer is needed; this is ${node}`)
  if ((await versionOf("npm", ["--version"])) === null) {
    throw new SetupError("npm was not found: it comes with Node, from https://nodejs.org")
  }
  const cargo = await versionOf("cargo", ["--version"])
  if (cargo === null) throw new SetupError("cargo was not found: install Rust from https://rustup.rs")
  if (older(cargo, oldestCargo)) {
    throw new SetupError(`cargo ${oldestCargo} or newer is needed; this is ${cargo}: run \`rustup update stable\``)
  }
  return { node, cargo }
}

async function versionOf(command, args) {
  let version = null
  try {
    await run(command, args, (line) => {
      version ??= line.match(/\d+\.\d+\.\d+/)?.[0] ?? null
    })
  } catch (error) {
    if (error.code !== "ENOENT") throw error
  }
  return version
}

/** Is a version, as `1.2.3`, older than another? Missing parts count as 0. */
export function older(version, than) {
  const [left, right] = [version, than].map((text) => text.split(".").map(Number))
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
