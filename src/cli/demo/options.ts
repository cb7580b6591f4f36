/** The demo's command line. */

import { parseArgs } from "node:util"
import { UsageError } from "../usage.js"
import { FIXTURES } from "./fixtures.js"

export const USAGE = `Usage: vouchsafe demo [package…] [--offline] [--dir DIR] [--json]

An agent asks npm's configured registry for the latest version of three
packages, once honestly and once with an invented value in its answer. Each
claim is checked against what was recorded, and again by a second process that
has nothing but the payload and the verifier key.

  package…     up to three packages to ask about instead of
               undici, typescript and semver
  --offline    ask a local server that has those three
  --dir DIR    where the payloads and the key are written; default .vouchsafe/demo
  --json       one JSON document instead of text

Exit code: 0 both runs came out as they should, 2 they did not or could not be
run, 64 wrong usage.
`

const DEFAULT_PACKAGES = FIXTURES.map(({ name }) => name)
const PACKAGE_NAME = /^(@[a-z\d~-][a-z\d._~-]*\/)?[a-z\d~-][a-z\d._~-]*$/i

export interface DemoOptions {
  packages: string[]
  offline: boolean
  dir: string
  json: boolean
  help: boolean
}

/** Reads the arguments; throws {@link UsageError}. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values, positionals } = parse(args)
  const named = [...new Set(positionals)]
  const odd = named.find((name) => !PACKAGE_NAME.test(name))
  if (odd !== undefined) throw new UsageError(`not a package's name: ${odd}`, USAGE)
  const most = DEFAULT_PACKAGES.length
  if (named.length > most) throw new UsageError(`the agent asks about ${most} packages, not ${named.length}`, USAGE)
  const unknown = values.offline ? named.find((name) => !DEFAULT_PACKAGES.includes(name)) : undefined
  if (unknown !== undefined) throw new UsageError(`--offline knows nothing of ${unknown}`, USAGE)
  const others = DEFAULT_PACKAGES.filter((name) => !named.includes(name))
  return { packages: [...named, ...others].slice(0, most), ...values }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        offline: { type: "boolean", default: false },
        dir: { type: "string", default: ".vouchsafe/demo" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message, USAGE)
  }
}
