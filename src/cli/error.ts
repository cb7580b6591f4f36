/** What keeps a command from its work. */

/** The command could not do its work; the message says why and what to do, the code is for `--json`. */
export class CommandError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** The command was called the wrong way; its usage is printed beneath. */
export class UsageError extends Error {}
