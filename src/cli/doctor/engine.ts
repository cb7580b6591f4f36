/** Does the engine load, and is it the one that belongs to this package? */

import { binding } from "../../engine/native.js"
import { VouchsafeError } from "../../errors.js"
import { version } from "../../version.js"
import { broken, ok, type Finding } from "./finding.js"

export function checkEngine(): Finding {
  try {
    const engine = binding().engineVersion()
    if (engine === version)
      return ok("engine", `native ${engine} on ${process.platform}-${process.arch}, Node ${process.versions.node}`)
    return broken(
      "engine",
      `the engine is ${engine}, the package ${version}`,
      "install the package again, so that both are of one version",
    )
  } catch (error) {
    if (!(error instanceof VouchsafeError)) throw error
    return broken("engine", error.message, "install the package again on this platform, without --omit=optional")
  }
}
