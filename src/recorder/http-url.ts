import type { ClientRequest } from "node:http"

/** What of a ClientRequest says where it goes. */
export type Addressed = Pick<ClientRequest, "protocol" | "host" | "path" | "method" | "getHeader"> & {
  socket: { remotePort?: number | undefined } | null
}

/**
 * The URL that a request goes to. ClientRequest keeps no port: it is the Host header's, as long as that header names the
 * host that is connected to.
 */
export function requestUrl(request: Addressed): string {
  const { path, host } = request
  if (path.startsWith("http://") || path.startsWith("https://")) return path
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host
  return join(request, hostHeaderNames(request, name) ? (request.getHeader("host") as string) : name)
}

/** The same with the port that the socket is connected to, where the Host header names another host; else null. */
export function urlByPort(request: Addressed): string | null {
  const { path, host } = request
  const port = request.socket?.remotePort
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host
  if (path.includes("://") || port === undefined || hostHeaderNames(request, name)) return null
  const standard = request.protocol === "https:" ? 443 : 80
  return port === standard ? null : join(request, `${name}:${port}`)
}

function hostHeaderNames(request: Addressed, name: string): boolean {
  const header = request.getHeader("host")
  if (typeof header !== "string" || !header.startsWith(name)) return false
  return header.length === name.length || /^:\d+$/.test(header.slice(name.length))
}

function join(request: Addressed, authority: string): string {
  const slash = request.path.startsWith("/") ? "" : "/"
  return `${request.protocol}//${authority}${slash}${request.path}`
}
