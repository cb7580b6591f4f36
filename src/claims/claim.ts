import type { Json } from "../json.js";

/** A JSON Schema (2020-12) without remote `$ref`. */
export type JsonSchema = boolean | { [key: string]: Json };

/** What an agent says about what one of its tools returned. Exactly one of the five comparators is given. */
export interface Claim {
  /** The row. The first selector given counts, in this order: rowId, callRef, toolCallId, action; none: the agent's latest exchange. */
  rowId?: string;
  /** The call, as `withTool` made it. */
  callRef?: string;
  /** The model's tool call. */
  toolCallId?: string;
  /** The action's name, within the run. */
  action?: string;
  /** The agent; default: the options' own. */
  agentId?: string;
  /** A condition that the exchange must meet: its URL, or an endpoint pattern. No selector. */
  url?: string;
  /** What of the exchange is looked at; default `body`. */
  part?: "body" | "status" | "headers" | "request";
  /** RFC 9535 JSONPath, or `a.b[0].c`; default `$`. */
  path?: string;
  /** The value is this one. */
  equals?: Json;
  /** The number is this one, within `abs` or `rel`. */
  approx?: { value: number; abs?: number; rel?: number };
  /** The number lies between these, inclusive. */
  between?: { min?: number; max?: number };
  /** A substring, a member of a list, or a subset of an object. */
  contains?: Json;
  /** The value is valid under this schema. */
  matches?: JsonSchema;
  /** The exchange is not older than this, in ms before the checkpoint. */
  maxAgeMs?: number;
  /** The agent's sentence, for people. */
  text?: string;
}

/** A claim as the wire protocol has it; other SDKs write these. */
export interface WireClaim {
  verification_mode: string;
  [key: string]: unknown;
}

/** What a model is asked to answer with: its answer, and the values in it that came from tools. */
export interface AgentResponse {
  answer: string;
  claimed_values: { path: string; value: Json; ref?: string; sourcerykit_ref?: string }[];
}

/** What `verify` takes: claims, claims in the wire's form, or a model's structured answer. */
export type Claims = readonly (Claim | WireClaim)[] | AgentResponse;
