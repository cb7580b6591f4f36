/** What is built from the sources. A fingerprint of what went in, kept beside Cargo's own output, says if it is due. */

import { createHash } from "node:crypto"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { root, step } from "./step.mjs"

const RECORD = join(root, "target", "setup.json")
/** Folders of a crate that do not go into the engine. */
const NOT_BUILT = new Set(["tests", "examples", "benches"])

/** The arguments of `napi` that build the native engine and generate its loader and types. */
export const NAPI_BUILD =
  "build --platform --release --manifest-path crates/node/Cargo.toml --output-dir native --js binding.cjs --dts binding.d.cts --no-const-enum".split(" ")

/** Builds the native engine where its sources, the machine or the compiler changed; returns whether it did. */
export async function buildNative({ cargo }) {
  const print = await fingerprint(["package.json", "Cargo.toml", "Cargo.lock", "crates"], [cargo, process.platform, process.arch])
  const binaries = (await list("native")).filter((file) => file.endsWith(".node"))
  if (binaries.length > 0 && (await recorded()).native === print) return false
  let crates = 0
  const detail = (line) => {
    const crate = line.match(/^\s*Compiling (\S+)/)?.[1]
    return crate ? `crate ${++crates}, ${crate}` : null
  }
  const napi = "node_modules/@napi-rs/cli/dist/cli.js"
  const expect = "some minutes the first time, under one after an edit"
  await step("building the native engine", process.execPath, [napi, ...NAPI_BUILD], { expect, detail })
  await record({ native: print })
  return true
}

/** Compiles the TypeScript façade where it changed; returns whether it did. */
export async function buildTypeScript() {
  const sources = ["index.ts", "src", "native/binding.d.cts", "tsconfig.json", "tsconfig.build.json", "package-lock.json"]
  const print = await fingerprint(sources)
  if ((await list("dist")).length > 0 && (await recorded()).typescript === print) return false
  await rm(join(root, "dist"), { recursive: true, force: true })
  await step("compiling TypeScript", process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"])
  await record({ typescript: print })
  return true
}

async function fingerprint(paths, facts = []) {
  const hash = createHash("sha256").update(JSON.stringify(facts))
  const files = (await Promise.all(paths.map(filesUnder))).flat().sort()
  for (const file of files) {
    const content = createHash("sha256").update(await readFile(join(root, file)))
    hash.update(`${file}\n${content.digest("hex")}\n`)
  }
  return hash.digest("hex")
}

async function filesUnder(path) {
  let entries
  try {
    entries = await readdir(join(root, path), { withFileTypes: true })
  } catch (error) {
    if (error.code === "ENOTDIR") return [path]
    throw error
  }
  const isCrate = entries.some((entry) => entry.name === "Cargo.toml")
  const inside = entries.filter((entry) => !(isCrate && NOT_BUILT.has(entry.name)))
  return (await Promise.all(inside.map((entry) => filesUnder(`${path}/${entry.name}`)))).flat()
}

async function list(folder) {
  try {
    return await readdir(join(root, folder))
  } catch (error) {
    if (error.code === "ENOENT") return []
    throw error
  }
}

async function recorded() {
  try {
    return JSON.parse(await readFile(RECORD, "utf8"))
  } catch {
    // Missing or torn: everything is built again.
    return {}
  }
}

async function record(entry) {
  await mkdir(join(root, "target"), { recursive: true })
  await writeFile(RECORD, JSON.stringify({ ...(await recorded()), ...entry }))
}
