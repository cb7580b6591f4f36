/** The library as it is installed: plain JavaScript, compiled into a folder of its own. */

import { execFile } from "node:child_process"
import { mkdir, symlink, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const TSC = createRequire(import.meta.url).resolve("typescript/bin/tsc")

/** Compiles into `folder`; its `dist/index.js` is the package's root. */
export async function build(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const manifest = { name: "vouchsafe", type: "module", imports: { "#binding": "./native/binding.cjs" } }
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest))
  await symlink(join(ROOT, "native"), join(folder, "native"))
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"))
  const args = [TSC, "-p", join(ROOT, "tsconfig.build.json"), "--outDir", join(folder, "dist"), "--declaration", "false"]
  await promisify(execFile)(process.execPath, args, { timeout: 120_000 })
}
