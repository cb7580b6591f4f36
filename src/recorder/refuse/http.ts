import { Agent, ClientRequest } from "node:http"
import type { Judge } from "./judge.js"

interface AgentOptions {
  host?: string | null
  hostname?: string | null
  port?: number | string | null
  socketPath?: string | null
}
type AddRequest = (this: AnyAgent, request: ClientRequest, options: AgentOptions, ...rest: unknown[]) => void
interface AnyAgent {
  options?: AgentOptions
  defaultPort?: number
  addRequest?: AddRequest
}

/** The request whose constructor runs: what it connects without an agent is judged by its whole URL. */
let constructing: ClientRequest | null = null

/** The request that is being made for this host, if one is. */
export function requestBeingMade(): ClientRequest | null {
  return constructing
}

/** Refuses in the agent, where node:http takes a failed socket: http.Agent's own, and any agent not derived from it. */
export function refuseHttp(judge: Judge): () => void {
  const guarded = new WeakSet<AddRequest>()
  const prototype = Agent.prototype as unknown as { addRequest: AddRequest }
  const original = prototype.addRequest
  const undo: (() => void)[] = []

  function guard(agent: { addRequest?: AddRequest }, addRequest: AddRequest): void {
    const guardedOne: AddRequest = function addRequestIfTrusted(request, options, ...rest) {
      const error = judgeRequest(judge, this, request, options)
      // Node's own way of a socket that could not be made; destroying the request here would hang it.
      if (error !== null) request.onSocket(...([null, error] as unknown as Parameters<ClientRequest["onSocket"]>))
      else addRequest.call(this, request, options, ...rest)
    }
    guarded.add(guardedOne)
    agent.addRequest = guardedOne
  }

  guard(prototype, original)
  undo.push(() => {
    prototype.addRequest = original
  })
  Object.defineProperty(ClientRequest.prototype, "protocol", {
    configurable: true,
    get: () => undefined,
    set(this: ClientRequest & { agent?: AnyAgent | null }, value: string) {
      Object.defineProperty(this, "protocol", { value, writable: true, enumerable: true, configurable: true })
      // oxlint-disable-next-line typescript/no-this-alias -- the request is what the next connection is judged by
      constructing = this
      const agent = this.agent
      const addRequest = agent?.addRequest
      if (agent && typeof addRequest === "function" && !guarded.has(addRequest)) {
        const own = Object.hasOwn(agent, "addRequest")
        guard(agent, addRequest)
        undo.push(() => {
          if (own) agent.addRequest = addRequest
          else delete agent.addRequest
        })
      }
    },
  })
  undo.push(() => {
    delete (ClientRequest.prototype as Partial<ClientRequest>).protocol
    constructing = null
  })
  return () => {
    for (const one of undo) one()
  }
}

function judgeRequest(judge: Judge, agent: AnyAgent, request: ClientRequest, options: AgentOptions): Error | null {
  const own = agent.options ?? {}
  if (own.socketPath ?? options.socketPath) return null
  const host = own.host ?? own.hostname ?? options.host ?? options.hostname ?? request.host
  const port = own.port ?? options.port ?? agent.defaultPort
  return judgeClientRequest(judge, request, host, port)
}

/** Judges a request that goes to this host and port. */
export function judgeClientRequest(
  judge: Judge,
  request: ClientRequest,
  host: string,
  port: number | string | null | undefined,
): Error | null {
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host
  const origin = `${request.protocol}//${name}${port == null ? "" : `:${port}`}`
  if (request.method === "CONNECT") return judge.origin(origin) ?? judge.origin(`https://${request.path}`)
  return judge.request(origin, request.path)
}
