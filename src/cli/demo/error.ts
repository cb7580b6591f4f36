import { CommandError } from "../error.js"

/** The demo could not be shown; the message says why and what to do. */
export class DemoError extends CommandError {
  constructor(message: string) {
    super("DEMO", message)
  }
}

/** How this command is called again with other arguments, in the words of whoever called it. */
export function commandWith(args: string, env: NodeJS.ProcessEnv = process.env): string {
  return env["npm_lifecycle_event"] === "demo" ? `npm run demo -- ${args}` : `npx vouchsafe demo ${args}`
}
