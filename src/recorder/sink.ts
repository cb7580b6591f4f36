/** Where finished exchanges go. */
export interface Sink {
  /**
   * One finished exchange, in one call; positional, so that the native call stays at a few microseconds. Never throws.
   *
   * Times are microseconds since 1970 (0: it did not happen). Headers are `name: value\n` each, lower-case names, latin-1.
   * `request` and `response` are the kept wire bytes, by reference (null: none was sent, or it could not be
   * observed; an empty list is a body observed to be empty); the lengths are those of the complete wire, and the hashes its SHA-256, given only where the kept bytes are a prefix.
   */
  record(
    kind: 0 | 1 /* http, model */,
    id: string | null,
    runId: string | null,
    agentId: string,
    actionName: string | null,
    callRef: string | null,
    toolCallId: string | null,
    parent: string | null,
    method: string,
    url: string,
    status: number /* 0: no response */,
    httpVersion: string | null,
    outcome: 0 | 1 | 2 /* complete, aborted, error */,
    error: string | null,
    uncertain: boolean,
    startedUs: number,
    firstByteUs: number,
    endedUs: number,
    requestHeaders: string | null,
    responseHeaders: string | null,
    request: Uint8Array[] | null,
    requestLength: number,
    requestHash: Uint8Array | null,
    response: Uint8Array[] | null,
    responseLength: number,
    responseHash: Uint8Array | null,
  ): void
}
