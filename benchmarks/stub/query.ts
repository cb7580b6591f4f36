/** One query record: its proof and its verification are done when their time has passed. */

import { randomUUID } from "node:crypto"
import { nowMs } from "./clock.js"
import type { StubOptions } from "./options.js"
import type { ResultSet } from "./table.js"

export class Query {
  readonly id = randomUUID()
  readonly #proofId = randomUUID()
  #proofAt: number | null = null
  #verifiedAt: number | null = null

  /** `sound`: whether a preprocess run covers all its rows. */
  constructor(
    private readonly sql: string,
    private readonly result: ResultSet,
    private readonly sound: boolean,
    private readonly options: Required<StubOptions>,
  ) {
    if (!options.proofOnRequest) this.prove()
  }

  /** Whether there was none yet. */
  prove(): boolean {
    if (this.#proofAt !== null) return false
    this.#proofAt = nowMs() + this.options.proofMs
    return true
  }

  /** Whether it can be verified: its proof is complete. */
  verify(): boolean {
    if (this.#proofAt === null || nowMs() < this.#proofAt) return false
    this.#verifiedAt ??= nowMs() + this.options.verificationMs
    return true
  }

  /** When the record will next read otherwise than now; null if nothing is under way. */
  changesAt(): number | null {
    const now = nowMs()
    return [this.#proofAt, this.#verifiedAt].find((at) => at !== null && at > now) ?? null
  }

  hasProof(id: string): boolean {
    return id === this.#proofId && this.#proofAt !== null && nowMs() >= this.#proofAt
  }

  record(): unknown {
    return { id: this.id, sql_query: this.sql, result: this.result, proof: this.#proof() }
  }

  #proof(): unknown {
    if (this.#proofAt === null) return null
    const now = nowMs()
    const isProven = now >= this.#proofAt
    const isVerified = this.#verifiedAt !== null && now >= this.#verifiedAt
    const ended = this.sound ? "Completed" : "Failed"
    const verified = this.sound ? "Verified" : "Failed"
    const unverified = this.#verifiedAt === null ? "Unverified" : "Verifying"
    return {
      id: this.#proofId,
      status: isProven ? ended : "Pending",
      verification_status: isVerified ? verified : unverified,
      execution_time_ms: isProven ? this.options.proofMs : null,
      verification_time_ms: isVerified ? this.options.verificationMs : null,
    }
  }
}
