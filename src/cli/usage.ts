/** How a command says that it was called the wrong way. */

/** The command line cannot be run as it stands. */
export class UsageError extends Error {
  /** As sysexits.h has it. */
  static readonly EXIT_CODE = 64
  readonly usage: string

  constructor(message: string, usage: string) {
    super(message)
    this.usage = usage
  }
}
