import { VouchsafeError } from "../../errors.js"

const CODE = "UNTRUSTED_ENDPOINT"

/** A request that was refused before anything of it left: its endpoint is not on the list of trusted ones. */
export class UntrustedEndpointError extends VouchsafeError {
  /** `url` is the URL without userinfo, query and fragment. */
  constructor(readonly url: string) {
    const origin = URL.canParse(url) ? new URL(url).origin : url
    super(
      CODE,
      `${url} is not a trusted endpoint, so the request was not sent. ` +
        `To trust its host, add "${origin}" to trustedEndpoints.`,
    )
  }
}

/** How deep wrapped errors are looked into. */
const MAX_DEPTH = 16

/** Whether this failure was our refusal, however deep a client has wrapped it. */
export function isUntrustedEndpoint(error: unknown): boolean {
  return search(error, MAX_DEPTH)
}

function search(error: unknown, depth: number): boolean {
  if (typeof error !== "object" || error === null || depth === 0) return false
  const { code, cause, errors, error: inner } = error as { code?: unknown; cause?: unknown; errors?: unknown; error?: unknown }
  if (code === CODE) return true
  if (Array.isArray(errors) && errors.some((one) => search(one, depth - 1))) return true
  return search(cause, depth - 1) || search(inner, depth - 1)
}
