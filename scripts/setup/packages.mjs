/** npm packages: installed when node_modules is not what package-lock.json says. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { root, step } from "./step.mjs"

/** Installs what is locked where that is due; returns whether it was. */
export async function installPackages() {
  const locked = await packagesOf("package-lock.json")
  // npm writes this file last, so an interrupted installation counts as none.
  const installed = await packagesOf("node_modules/.package-lock.json")
  if (agree(locked, installed)) return false
  // Not `npm ci`: it refuses a lock without the optional packages of platforms that the registry at hand does not serve.
  await step("installing npm packages", "npm", ["install", "--no-save", "--no-audit", "--no-fund"])
  return true
}

async function packagesOf(file) {
  try {
    return JSON.parse(await readFile(join(root, file), "utf8")).packages
  } catch (error) {
    if (error.code === "ENOENT") return {}
    throw error
  }
}

/** Do two lists of packages agree? Optional packages, each for some platforms only, may be missing from either. */
export function agree(locked, installed) {
  const present = (packages) => (path) => path === "" || path in packages
  const same = (path) => locked[path].version === installed[path].version && locked[path].integrity === installed[path].integrity
  const needed = (packages) => Object.keys(packages).filter((path) => !packages[path].optional)
  return (
    needed(locked).every(present(installed)) &&
    needed(installed).every(present(locked)) &&
    Object.keys(installed).every((path) => !(path in locked) || same(path))
  )
}
