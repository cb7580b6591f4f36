import { activeContext } from "../context.js"
import type { Endpoint } from "./endpoint.js"
import { UntrustedEndpointError } from "./error.js"

/** More origins than this are not remembered; they are judged anew. */
const MAX_ORIGINS = 1024

/** Decides which requests may leave. */
export class Judge {
  private readonly origins = new Map<string, boolean | readonly Endpoint[]>()

  constructor(private readonly endpoints: readonly Endpoint[]) {}

  /** Null if the URL is trusted, or the request is our own traffic; else the error to refuse it with. */
  request(origin: string, path: string, context = activeContext()): UntrustedEndpointError | null {
    if (context.unrecorded) return null
    if (path.startsWith("http://") || path.startsWith("https://")) {
      // A proxy and what it is asked for: both are reached.
      const slash = path.indexOf("/", 8)
      const target = slash === -1 ? path : path.slice(0, slash)
      return this.origin(origin, context) ?? this.request(target, slash === -1 ? "/" : path.slice(slash), context)
    }
    const known = this.known(origin)
    if (known === true) return null
    const url = origin + (path.startsWith("/") ? path : `/${path}`)
    if (known !== false && URL.canParse(url)) {
      const parsed = new URL(url)
      if (known.some((endpoint) => endpoint.matches(parsed))) return null
    }
    return refusal(url)
  }

  /** As request, where only the host is known: trusted if anything on it is. */
  origin(origin: string, context = activeContext()): UntrustedEndpointError | null {
    return context.unrecorded || this.known(origin) !== false ? null : refusal(origin)
  }

  private known(origin: string): boolean | readonly Endpoint[] {
    let known = this.origins.get(origin)
    if (known === undefined) {
      const parsed = URL.canParse(origin) ? new URL(origin).origin : null
      const own = this.endpoints.filter((endpoint) => endpoint.origin === parsed)
      known = own.some((endpoint) => endpoint.wholeHost) || (own.length > 0 && own)
      if (this.origins.size < MAX_ORIGINS) this.origins.set(origin, known)
    }
    return known
  }
}

function refusal(text: string): UntrustedEndpointError {
  if (!URL.canParse(text)) return new UntrustedEndpointError(text)
  const url = new URL(text)
  return new UntrustedEndpointError(url.pathname === "/" ? url.origin : url.origin + url.pathname)
}
