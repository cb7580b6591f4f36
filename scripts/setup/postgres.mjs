/** PostgreSQL for the tests that need one: installed where that is a matter of one command, else they are skipped. */

import { access, constants, readdir } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { run, say } from "./step.mjs"

/** What the tests run of it. */
const PROGRAMS = ["initdb", "postgres", "createdb", "psql"]
/** Where Debian's packages put each version. */
const VERSIONS = "/usr/lib/postgresql"

/** Installs Debian's package for root where there is no PostgreSQL, if it can; returns whether there is one. */
export async function installPostgres() {
  if (await isInstalled()) return true
  if (process.platform === "linux" && process.getuid() === 0) {
    const aptGet = (...args) => run("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", ...args], () => {})
    await aptGet("update")
      .then(() => aptGet("install", "--no-install-recommends", "--yes", "postgresql"))
      .catch(() => -1)
  }
  const isThere = await isInstalled()
  say(isThere ? "installed PostgreSQL for the tests" : "there is no PostgreSQL: the tests that need it are skipped")
  return isThere
}

async function isInstalled() {
  const versions = await readdir(VERSIONS).catch(() => [])
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...versions.map((version) => join(VERSIONS, version, "bin"))]
  const isIn = (program, folder) => access(join(folder, program), constants.X_OK).then(() => true, () => false)
  for (const program of PROGRAMS) {
    const found = await Promise.all(folders.map((folder) => isIn(program, folder)))
    if (!found.includes(true)) return false
  }
  return true
}
