import { webcrypto } from "node:crypto"
import { fileURLToPath } from "node:url"
import { createContext, runInContext } from "node:vm"
import test from "ava"
import { build } from "esbuild"
import type * as Check from "../../src/check/index.js"
import { CASES, VKEY } from "./cases.js"
import { said } from "./said.js"
import { bytes, TLOG } from "./vectors.js"

/** `vouchsafe/check` and all that it needs in a browser, in one file. */
async function bundled(): Promise<string> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/check/index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "iife",
    globalName: "check",
    logLevel: "error",
  })
  const external = Object.values(metafile.outputs).flatMap(({ imports }) => imports)
  if (external.length > 0) throw new Error(`not in the bundle: ${external.map(({ path }) => path).join(", ")}`)
  return outputFiles[0]!.text
}

/** The bundle's exports where there is nothing but what browsers have. */
async function inBrowser(globals: object = { crypto: webcrypto }): Promise<typeof Check> {
  const context = createContext({ TextEncoder, atob, ...globals })
  runInContext(await bundled(), context)
  return runInContext("check", context) as typeof Check
}

test("a browser needs less than 30 KB for it, minified", async (t) => {
  const { length } = Buffer.from(await bundled())
  t.log(`${length} bytes`)
  t.true(length < 30 * 1024, String(length))
})

test("a browser's crypto comes to the same as Node's", async (t) => {
  const { checkProof, checkProofFile } = await inBrowser()
  for (const { name, text, says } of CASES) t.is(said(await checkProof(text, VKEY)), says, name)
  for (const { desc, vkey, origin, leaf_hex, tlog_proof, ok } of TLOG.tlog_proofs) {
    const result = await checkProofFile(tlog_proof, bytes(leaf_hex), vkey)
    t.is(result.ok && result.checkpoint?.origin === origin, ok, desc)
  }
})

test("where there is no WebCrypto it rejects, and accuses nobody", async (t) => {
  const { checkProof } = await inBrowser({})
  const message = /needs WebCrypto/
  // Of another realm, so no instance of this one's Error.
  const error = await checkProof(CASES[0]!.text, VKEY).catch((error: Error) => error)
  t.regex((error as Error).message, message)
})
