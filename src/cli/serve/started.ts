/** What `vouchsafe serve` says once it runs. */

import { join } from "node:path"
import type { ServeOptions, Serving } from "../../engine/serve.js"
import { fact } from "../claim.js"
import type { Page } from "../output.js"
import { fold } from "../terminal.js"
import { isDatabase } from "./options.js"

/** Where the server is, and how it is used. */
export interface Started {
  url: string
  /** A database's without user and password. */
  store: string
  /** The folder that has a folder for each table, with its log and its key; null where a database has them. */
  logs: string | null
  tokenFile: string
  /** A fresh one, said this once. */
  token: string | null
  /** What points each SDK here, in its environment. */
  environment: { node: Record<string, string>; python: Record<string, string> }
}

/** The facts, without what is secret but the fresh token. */
export function started({ store, tokenFile }: ServeOptions, { url, token }: Serving): Started {
  return {
    url,
    store: isDatabase(store) ? withoutPassword(store) : store,
    logs: isDatabase(store) ? null : join(store, "logs"),
    tokenFile: tokenFile ?? join(store, "tokens"),
    token,
    environment: {
      node: { VOUCHSAFE_BACKEND_URL: url },
      python: { SOURCERYKIT_PROVABLY_API_URL: url, SOURCERYKIT_PROVABLY_APP_URL: url },
    },
  }
}

/** The facts as a person reads them. */
export function describeStart({ url, store, logs, tokenFile, token, environment }: Started, page: Page): string {
  const { style, width } = page
  const { node, python } = environment
  const keys =
    logs === null
      ? "in the database; a table's is at …/tables/<id>/checkpoint"
      : `${join(logs, "<table>")}, printed by \`vouchsafe key --dir\``
  return [
    style.good(`✓ serving at ${url}`),
    fact("store", store, page),
    fact("keys", keys, page),
    fact("tokens", tokenFile, page),
    ...(token === null ? [] : ["", fold("A fresh token, which is shown this once:", "", width), `    ${style.bold(token)}`]),
    "",
    "Node, beside `store: { postgresUrl }`:",
    ...lines({ ...node, VOUCHSAFE_TOKEN: "<token>", VOUCHSAFE_ORG_ID: "<a UUID>", VOUCHSAFE_PROJECT: "<a name>" }),
    "The Python SDK sourcerykit:",
    ...lines({ ...python, PROVABLY_ACCESS_TOKEN: "<token>", SOURCERYKIT_ORG_ID: "<a UUID>", SOURCERYKIT_PROJECT_NAME: "<a name>" }),
    "",
    "Ctrl-C ends it.",
  ].join("\n")
}

const lines = (variables: Record<string, string>): string[] =>
  Object.entries(variables).map(([name, value]) => `    ${name}=${value}`)

/** Scheme, host and name alone: passwords may stand before them and behind them. */
function withoutPassword(store: string): string {
  try {
    const { protocol, host, pathname } = new URL(store)
    return `${protocol}//${host}${pathname}`
  } catch {
    // Several hosts, which URLs of the web do not have.
    return "postgres://…"
  }
}
