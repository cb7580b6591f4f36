/** Every request with its times, in ms since 1970. */

export interface Logged {
  /** `POST query`, `GET record`, …; everything before the first row is `handshake`. */
  endpoint: Endpoint
  method: string
  path: string
  at: number
  /** When the answer was handed to the connection; null while it is not, or if it was reset. */
  answeredAt: number | null
  /** null: the connection was reset. */
  status: number | null
  /** Seconds; where the answer was 429. */
  retryAfter: number | null
}

export type Endpoint =
  | "handshake"
  | "POST preprocess"
  | "GET preprocess"
  | "POST query"
  | "POST generate_proof"
  | "GET record"
  | "POST verify"
  | "GET proof"

/** Which requests came again after they had been told when, and before that. */
export function early(log: readonly Logged[]): Logged[] {
  const refused = log.filter(({ retryAfter, answeredAt }) => retryAfter !== null && answeredAt !== null)
  return log.filter(({ method, path, at }) =>
    refused.some((one) => {
      const told = one.answeredAt!
      return one.method === method && one.path === path && at > told && at < told + one.retryAfter! * 1000
    }),
  )
}

/** How many there are of each endpoint. */
export function counts(log: readonly Logged[]): Partial<Record<Endpoint, number>> {
  const byEndpoint: Partial<Record<Endpoint, number>> = {}
  for (const { endpoint } of log) byEndpoint[endpoint] = (byEndpoint[endpoint] ?? 0) + 1
  return byEndpoint
}

/** How many requests came one after the other: the longest row of them in which none overlaps the next. */
export function chain(log: readonly Logged[], endpoint: Endpoint): number {
  const answered = log.filter((one) => one.endpoint === endpoint && one.answeredAt !== null)
  let until = -Infinity
  let length = 0
  for (const { at, answeredAt } of answered.toSorted((a, b) => a.answeredAt! - b.answeredAt!)) {
    if (at < until) continue
    until = answeredAt!
    length++
  }
  return length
}
