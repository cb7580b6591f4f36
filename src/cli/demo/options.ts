/** What the demo is asked to do. */

import { UsageError } from "../error.js"
import { FIXTURES } from "./fixtures.js"

const DEFAULT_PACKAGES = FIXTURES.map(({ name }) => name)
const PACKAGE_NAME = /^(@[a-z\d~-][a-z\d._~-]*\/)?[a-z\d~-][a-z\d._~-]*$/i

export interface DemoFlags {
  offline?: boolean
  dir: string
  json?: boolean
}

export interface DemoOptions extends DemoFlags {
  packages: string[]
}

/** Checks the packages and fills them up; throws {@link UsageError}. */
export function readOptions(packages: readonly string[], flags: DemoFlags): DemoOptions {
  const named = [...new Set(packages)]
  const odd = named.find((name) => !PACKAGE_NAME.test(name))
  if (odd !== undefined) throw new UsageError(`not a package's name: ${odd}`)
  const most = DEFAULT_PACKAGES.length
  if (named.length > most) throw new UsageError(`the agent asks about ${most} packages, not ${named.length}`)
  const unknown = flags.offline ? named.find((name) => !DEFAULT_PACKAGES.includes(name)) : undefined
  if (unknown !== undefined) throw new UsageError(`--offline knows nothing of ${unknown}`)
  const others = DEFAULT_PACKAGES.filter((name) => !named.includes(name))
  return { packages: [...named, ...others].slice(0, most), ...flags }
}
