/** What a proof shows, and what it does not. */

import type { Covers, Form } from "../../check/index.js"
import { fact } from "../claim.js"
import type { Page } from "../output.js"

const COVERS = {
  row: "these rows are in the log; nothing is said of others",
  call: "these are all rows of the call",
  latest: "no later row answers the query",
  absence: "no row answers the query",
}

const FORMS = {
  map: "the log's map, as its signer built it",
  scan: "all leaves that could answer",
}

/** What is proven, by what, and what is not. */
export function describeCovers(covers: Covers, form: Form | null, limits: string, page: Page): string[] {
  return [
    fact("covers", `${covers}: ${COVERS[covers]}`, page),
    ...(form === null ? [] : [fact("by", FORMS[form], page)]),
    fact("limits", limits, page),
  ]
}

/** What a bundle does not show, in the words of a verdict's `limits`. */
export function limitsOf(form: Form | null): string {
  if (form === null) return "It shows these rows alone, and not that every exchange was recorded."
  if (form === "scan") return "It does not show that every exchange was recorded."
  return (
    "That the signed map lists every row is the signer's word until an audit of the log shows it; that every " +
    "exchange was recorded is not shown."
  )
}
