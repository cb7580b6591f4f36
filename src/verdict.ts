import type { Checkpoint, Covers, Form } from "./check/index.js";
import type { Claim } from "./claims/claim.js";
import type { Json } from "./json.js";

export type { Checkpoint };

/** What became of a claim, or of all of them: CAUGHT outranks ERROR, ERROR outranks PASS. */
export type Outcome = "PASS" | "CAUGHT" | "ERROR";

/** Why. PASS: supported. ERROR: unverifiable, backend_unavailable, timeout. CAUGHT: all others. */
export type Reason =
  | "supported"
  | "contradicted"
  | "path_missing"
  | "no_evidence"
  | "failed_exchange"
  | "stale"
  | "untrusted_endpoint"
  | "proof_invalid"
  | "unverifiable"
  | "backend_unavailable"
  | "timeout";

/** The verdict over a list of claims. */
export interface Verdict {
  outcome: Outcome;
  runId: string;
  claims: ClaimVerdict[];
  /** What went wrong beside the claims themselves. */
  errors: { code: string; message: string }[];
  checkpoint: Checkpoint | null;
  counts: { claims: number; records: number; requests: number; polls: number };
  /** Milliseconds. */
  timings: { fenceMs: number; queryMs: number; proveMs: number; fetchMs: number; verifyMs: number; totalMs: number };
  /** What the recorder watched, since when (ISO 8601), and how many stretches it missed. */
  coverage: { channels: string[]; since: string; gaps: number };
}

/** The verdict over one claim. */
export interface ClaimVerdict {
  outcome: Outcome;
  reason: Reason;
  /** One sentence that can be handed back to the model as repair text. */
  message: string;
  claim: Claim;
  claimed: Json | null;
  actual: Json | null;
  path: string;
  /** The exchange that decided it. */
  evidence: {
    rowId: string;
    kind: string;
    callRef: string | null;
    runId: string | null;
    action: string;
    url: string | null;
    status: number | null;
    /** When it ended, ISO 8601. */
    at: string;
    candidates: number;
    queryId: string | null;
  } | null;
  /** What proves the exchange, or that there is none (`covers: "absence"`; `index` is then the seal's). */
  proof: {
    index: string;
    size: string;
    root: string;
    covers: Covers;
    form: Form | null;
    trust: "proof" | "backend";
    /** What it does not show, in a sentence. */
    limits: string;
    bundle?: string;
  } | null;
}

/** The distribution of one kind of completion. */
export interface Distribution {
  count: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
}

/** Counters since `start()`. */
export interface Stats {
  recorded: number;
  durable: number;
  committed: number;
  dropped: number;
  preprocessRuns: number;
  queryRecords: number;
  requests: number;
  polls: number;
  retries: number;
  maxInFlight: number;
  /** Faults inside the recorder, each caught. */
  recordErrors: number;
  completion: Record<"preprocess" | "proof" | "verification", Distribution>;
}

/** A payload for another process or machine: plain JSON, with unknown keys kept. */
export interface HandoffPayload {
  contract_version: string;
  /** A UUID, as other SDKs want it; a run of another name is in `run`. */
  run_id: string | null;
  run?: string;
  claims: Record<string, unknown>[];
  [key: string]: unknown;
}
