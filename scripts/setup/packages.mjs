/** npm packages: installed when node_modules is not what package-lock.json says. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { root, step } from "./step.mjs"

/** Runs `npm ci` where it is due; returns whether it was. */
export async function installPackages() {
  const locked = await packagesOf("package-lock.json")
  // npm writes this file last, so an interrupted installation counts as none.
  const installed = await packagesOf("node_modules/.package-lock.json")
  if (agree(locked, installed)) return false
  await step("installing npm packages", "npm", ["ci", "--no-audit", "--no-fund"])
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

/** Do two lists of packages agree? Optional packages of other platforms may be missing from the second. */
export function agree(locked, installed) {
  const same = (path) => locked[path]?.version === installed[path].version && locked[path].integrity === installed[path].integrity
  const missing = Object.keys(locked).filter((path) => path !== "" && !locked[path].optional && !(path in installed))
  return missing.length === 0 && Object.keys(installed).every(same)
}
