/** All commands, in the order in which the help lists them. */

import { Command } from "commander"
import { version } from "../version.js"
import { addAudit } from "./audit.js"
import { addCheck } from "./check.js"
import { addDemo } from "./demo.js"
import { addDoctor } from "./doctor.js"
import { addEndpoints } from "./endpoints.js"
import { addExport } from "./export.js"
import { addKey } from "./key.js"
import { addProof } from "./proof.js"
import { addPrune } from "./prune.js"
import { addServe } from "./serve.js"
import { addTrace } from "./trace.js"
import { widthOf } from "./terminal.js"

const COMMANDS = [addDemo, addCheck, addTrace, addExport, addProof, addAudit, addKey, addEndpoints, addPrune, addDoctor, addServe]

/** The command line; parsing it runs a command, which sets the exit code. */
export function program(): Command {
  const commands = new Command("vouchsafe")
    .description("Evidence for what an agent claims: look at it, check it, hand it on.")
    .version(version)
    .helpCommand(false)
    .enablePositionalOptions()
    .showHelpAfterError()
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ helpWidth: widthOf(process.stdout) })
    .addHelpText("after", "\nExit codes: 0 PASS or fine, 1 CAUGHT, 2 ERROR or a failed check, 64 wrong usage.")
  for (const add of COMMANDS) add(commands)
  return commands
}
