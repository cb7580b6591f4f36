/** Why a proof does not hold. */

/** `mismatch` and `invalid_signature` are evidence of a change; all else says nothing about the rows. */
export type Code = "malformed" | "missing" | "unknown_signer" | "invalid_signature" | "mismatch" | "incomplete"

/** Thrown inside the check, and turned into its result. */
export class Failure extends Error {
  constructor(
    readonly code: Code,
    message: string,
  ) {
    super(message)
  }

  /** The reason's text, `<code>: <sentence>`. */
  get reason(): string {
    return `${this.code}: ${this.message}`
  }
}

/** Not of its form, or an answer to another question. */
export const malformed = (what: string): Failure => new Failure("malformed", what)

/** `what` is not what was signed. */
export const mismatch = (what: string): Failure => new Failure("mismatch", `${what} does not match the signed log`)

/** The failure's reason; anything else that was thrown is thrown on. */
export function reasonOf(error: unknown): string {
  if (error instanceof Failure) return error.reason
  throw error
}
