/** What a store holds, asked through the public API. */

import { start, type Claim, type StartOptions } from "../../index.js"

/** Which of these claims on self-reported tools pass, in a store that nobody else has open. */
export async function passing(dir: string, claims: Claim[], options: StartOptions & { runId?: string } = {}): Promise<number> {
  const { runId, ...rest } = options
  const vouchsafe = await start({ dir, record: { http: false }, ...rest })
  try {
    const verdict = await vouchsafe.verify(claims, {
      expect: { kinds: ["http", "tool"] },
      ...(runId === undefined ? {} : { runId }),
    })
    return verdict.claims.filter(({ outcome }) => outcome === "PASS").length
  } finally {
    await vouchsafe.shutdown()
  }
}

/** The claims that the rows `row-<n>` of a run are as they were reported. */
export function rowClaims(count: number): Claim[] {
  return Array.from({ length: count }, (_, row) => ({ action: `row-${row}`, path: "row", equals: row }))
}
