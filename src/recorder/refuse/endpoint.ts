/** One segment of a pattern's path: its decoded bytes, any one segment, or everything that follows. */
type Segment = string | typeof ONE | typeof REST
const ONE = Symbol("one")
const REST = Symbol("rest")

export type EndpointErrorCode =
  | "endpoint_no_origin"
  | "endpoint_userinfo"
  | "endpoint_wildcard"
  | "endpoint_query"
  | "endpoint_segment"

/** Why a text is no pattern of trusted endpoints. */
export class EndpointError extends Error {
  override readonly name = "EndpointError"

  constructor(
    readonly code: EndpointErrorCode,
    message: string,
  ) {
    super(message)
  }
}

/**
 * A pattern that trusts URLs: `https://api.example.com`, `https://api.example.com/v1/users/{id}`,
 * `https://files.example.com/public/{rest:path}`.
 *
 * Scheme, host and port must be the pattern's. Without a path the whole host is trusted; with one, what it names and what
 * lies under it: `/v1` trusts `/v1` and `/v1/prices`, never `/v10`. `{id}` stands for one segment that is not empty,
 * `{rest:path}`, at the end, for everything after the slash before it. Segments are compared after percent-decoding; a
 * URL whose segment would step upwards once a server decoded its slashes (`..%2F`) is trusted by no pattern with a path.
 */
export class Endpoint {
  private constructor(
    readonly origin: string,
    private readonly segments: readonly Segment[],
  ) {}

  static parse(text: string): Endpoint {
    const pattern = text.trim()
    const noOrigin = new EndpointError(
      "endpoint_no_origin",
      `\`${pattern}\` does not begin with http:// or https:// and a host, as in https://api.example.com/v1`,
    )
    const scheme = pattern.indexOf("://")
    if (scheme === -1) throw noOrigin
    if (/[?#]/.test(pattern)) {
      throw new EndpointError("endpoint_query", `\`${pattern}\` has a query or a fragment: end the pattern before it`)
    }
    const slash = pattern.indexOf("/", scheme + 3)
    const authority = slash === -1 ? pattern.slice(scheme + 3) : pattern.slice(scheme + 3, slash)
    if (authority.includes("@")) {
      throw new EndpointError("endpoint_userinfo", `\`${pattern}\` names a user or a password: trust is in a host, leave them out`)
    }
    if (authority.includes("*")) {
      throw new EndpointError("endpoint_wildcard", `\`${pattern}\` has a wildcard in its host: name each host`)
    }
    const origin = `${pattern.slice(0, scheme)}://${authority}/`
    // WHATWG's hosts may hold braces, the pattern's may not: {name} is for segments.
    if (authority === "" || /[{}]/.test(authority) || !URL.canParse(origin)) throw noOrigin
    const url = new URL(origin)
    if ((url.protocol !== "http:" && url.protocol !== "https:") || url.pathname !== "/") throw noOrigin
    return new Endpoint(url.origin, segmentsOf(slash === -1 ? "" : pattern.slice(slash + 1), pattern))
  }

  /** Whether it trusts the whole host. */
  get wholeHost(): boolean {
    return this.segments.length === 0
  }

  /** Whether it trusts a URL; userinfo, query and fragment do not matter. */
  matches(url: URL): boolean {
    if (url.origin !== this.origin) return false
    if (this.wholeHost) return true
    const found = url.pathname.slice(1).split("/")
    if (found.some(stepsUpwards)) return false
    return this.segments.every((segment, at) => {
      const next = found[at]
      if (next === undefined) return false
      if (segment === ONE) return next !== ""
      return segment === REST || decoded(next) === segment
    })
  }
}

/** Whether any of the endpoints trusts the URL; what is no URL is trusted by none. */
export function matchesAny(endpoints: readonly Endpoint[], url: string): boolean {
  if (!URL.canParse(url)) return false
  const parsed = new URL(url)
  return endpoints.some((endpoint) => endpoint.matches(parsed))
}

function segmentsOf(path: string, pattern: string): Segment[] {
  const trimmed = path.endsWith("/") ? path.slice(0, -1) : path
  if (trimmed === "") return []
  const texts = trimmed.split("/")
  return texts.map((text, at) => segmentOf(text, at === texts.length - 1, pattern))
}

function segmentOf(text: string, last: boolean, pattern: string): Segment {
  const braces = /^\{([A-Za-z_]\w*)(:path)?\}$/.exec(text)
  if (braces && braces[2] === undefined) return ONE
  if (braces && last) return REST
  if (/[{}\\]|\s/.test(text) || stepsUpwards(text)) {
    throw new EndpointError(
      "endpoint_segment",
      `\`${text}\` in \`${pattern}\` is no segment: write it literally, as {name}, or at the end as {name:path}`,
    )
  }
  return decoded(text)
}

/** A segment's bytes, one character each. */
function decoded(segment: string): string {
  const bytes = Buffer.from(segment, "utf8").toString("latin1")
  return bytes.replace(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function stepsUpwards(segment: string): boolean {
  return decoded(segment)
    .split(/[/\\]/)
    .some((part) => part === "." || part === "..")
}
