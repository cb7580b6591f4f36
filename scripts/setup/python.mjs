/** The Python SDK that some tests run: found or installed, in an environment of its own under target/. */

import { mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { basename, delimiter, dirname, join } from "node:path"
import { root, run } from "./step.mjs"

const SDK = "sourcerykit==1.5.0"
const PACKAGES = [SDK, "provably-sdk==0.3.4"]
const FOLDER = join(root, "target", `python-${SDK.replace("==", "-")}`)
/** Its packages need it. */
const NEW_ENOUGH = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))"
const NAMES = ["python3.13", "python3.12", "python3"]
/** Why it could not be had: said to the processes that this one starts, so that a run tries once. */
const SKIPPED = "VOUCHSAFE_PYTHON_SKIPPED"

/** The Python that has the SDK, installed where it is not there yet: `{ python }`, or why there is none: `{ skip }`. */
export async function pythonSdk() {
  const python = join(FOLDER, "bin", "python")
  if (await isThere(python)) return { python }
  const skip = process.env[SKIPPED] ?? (await install())
  if (skip === undefined) return { python }
  process.env[SKIPPED] = skip
  return { skip }
}

/** Installs it; resolves to why that failed, else to nothing. */
async function install() {
  if (process.platform === "win32") return "the tests with the Python SDK need a Unix"
  const base = await findPython()
  if (base === undefined) return "there is no Python ≥ 3.12 with venv (VOUCHSAFE_PYTHON names one)"
  // Made elsewhere and renamed: what is there is whole, also when several processes make it at once.
  const made = `${FOLDER}-${process.pid}`
  await mkdir(join(root, "target"), { recursive: true })
  try {
    const failed =
      (await fails(base, ["-m", "venv", made])) ??
      (await fails(join(made, "bin", "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=20", ...PACKAGES]))
    if (failed !== undefined) return `${SDK} could not be installed: ${failed}`
    await rename(made, FOLDER).catch(async (error) => {
      if (!(await isThere(join(FOLDER, "bin", "python")))) throw error
    })
    return undefined
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

/** The one that is named, else the first on PATH that is new enough, else one that a version manager has. */
async function findPython() {
  const named = process.env.VOUCHSAFE_PYTHON
  for (const candidate of named ? [named] : [...NAMES, ...(await managed())]) {
    if ((await fails(candidate, ["-c", NEW_ENOUGH])) === undefined) return candidate
  }
  return undefined
}

/** A version manager's shims run the version that is selected and refuse the others, which are in a folder beside them. */
async function managed() {
  const shims = (process.env.PATH ?? "").split(delimiter).filter((folder) => basename(folder) === "shims")
  const found = []
  for (const beside of shims.map(dirname)) {
    for (const versions of [join(beside, "versions"), join(beside, "installs", "python")]) {
      const names = await readdir(versions).catch(() => [])
      const newestFirst = names.sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
      found.push(...newestFirst.map((version) => join(versions, version, "bin", "python3")))
    }
  }
  return found
}

/** The last line that a program printed where it failed, else nothing. */
async function fails(command, args) {
  const lines = []
  const code = await run(command, args, (line) => lines.push(line)).catch((error) => {
    lines.push(error.message)
    return -1
  })
  return code === 0 ? undefined : (lines.findLast((line) => line.trim() !== "") ?? `exit code ${code}`)
}

async function isThere(path) {
  return stat(path).then(
    () => true,
    () => false,
  )
}
