/** Which request is which endpoint. */

import type { Endpoint } from "./log.js"
import type { Reply } from "./reply.js"

export interface Asked {
  /** The variable parts of the path, in order, without the organization. */
  ids: string[]
  body: Record<string, unknown>
  /** Milliseconds for which `Prefer: wait` asks. */
  waitMs: number
}

export interface Route {
  endpoint: Endpoint
  answer(asked: Asked): Reply | Promise<Reply>
}

type Table = Record<string, Route>

const ORGANIZATION = "/api/v1/organizations/:org"

/** Finds routes that are written as `GET /path/:id`; `O` stands for an organization's path. */
export class Routes {
  readonly #routes: { method: string; pattern: RegExp; route: Route }[]

  constructor(routes: Table) {
    this.#routes = Object.entries(routes).map(([line, route]) => {
      const [method, path] = line.split(" ") as [string, string]
      const source = path.replace(/^O(?=\/)/, ORGANIZATION).replaceAll(/:\w+/g, (name) => (name === ":org" ? "[^/]+" : "([^/]+)"))
      return { method, pattern: new RegExp(`^${source}$`), route }
    })
  }

  find(method: string, path: string): { route: Route; ids: string[] } | null {
    for (const { method: own, pattern, route } of this.#routes) {
      const match = own === method ? pattern.exec(path) : null
      if (match) return { route, ids: match.slice(1) }
    }
    return null
  }
}
