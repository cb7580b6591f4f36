import { InvalidClaimError } from "../errors.js";
import type { AgentResponse, Claim, Claims, WireClaim } from "./claim.js";

const SELECTORS = ["rowId", "callRef", "toolCallId", "action", "agentId", "url", "path", "text"] as const;
const COMPARATORS = ["equals", "approx", "between", "contains", "matches"] as const;
const KEYS = new Set<string>([...SELECTORS, ...COMPARATORS, "part", "maxAgeMs"]);
const PARTS = new Set<unknown>(["body", "status", "headers", "request"]);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** How the providers' tool call ids begin. */
const TOOL_CALL_ID = /^(call_|toolu_|tooluse_|fc_|chatcmpl-tool-)/;

/** Checks claims of any accepted form and brings them to one list; throws `InvalidClaimError` before any work is done. */
export function normalizeClaims(claims: Claims): (Claim | WireClaim)[] {
  if (isAgentResponse(claims)) return claims.claimed_values.map(fromClaimedValue);
  if (!Array.isArray(claims)) {
    throw new InvalidClaimError("claims", 0, "expected a list of claims, or { answer, claimed_values }");
  }
  return claims.map((claim: unknown, position) => {
    if (typeof claim !== "object" || claim === null || Array.isArray(claim)) {
      throw new InvalidClaimError("claims", position, "a claim is an object");
    }
    // The wire's claims are checked one by one where they are built: a bad one costs itself only.
    if ("verification_mode" in claim) return claim as WireClaim;
    return checkClaim(claim as Record<string, unknown>, position);
  });
}

function isAgentResponse(claims: Claims): claims is AgentResponse {
  return typeof claims === "object" && claims !== null && Array.isArray((claims as AgentResponse).claimed_values);
}

function fromClaimedValue(claimed: AgentResponse["claimed_values"][number], position: number): Claim {
  if (typeof claimed !== "object" || claimed === null || !("value" in claimed)) {
    throw new InvalidClaimError("claimed_values", position, "expected { path, value, ref }");
  }
  const { path = "$", value } = claimed;
  const ref = claimed.ref ?? claimed.sourcerykit_ref;
  return checkClaim({ ...selector(ref), path, equals: value }, position);
}

function selector(ref: string | undefined): Claim {
  if (ref === undefined || ref === "") return {};
  if (UUID.test(ref)) return { callRef: ref.toLowerCase() };
  return TOOL_CALL_ID.test(ref) ? { toolCallId: ref } : { action: ref };
}

function checkClaim(claim: Record<string, unknown>, position: number): Claim {
  const refuse = (key: string, message: string): never => {
    throw new InvalidClaimError(key, position, message);
  };
  const given = (key: string): boolean => claim[key] !== undefined;
  for (const key of Object.keys(claim)) if (!KEYS.has(key)) refuse(key, "no claim has this key");
  for (const key of SELECTORS) if (given(key) && typeof claim[key] !== "string") refuse(key, "expected a string");
  if (given("part") && !PARTS.has(claim["part"])) refuse("part", 'expected "body", "status", "headers" or "request"');
  if (given("maxAgeMs") && !isCount(claim["maxAgeMs"])) refuse("maxAgeMs", "expected a number of ms, 0 or more");
  const comparators = COMPARATORS.filter(given);
  if (comparators.length !== 1) {
    const found = comparators.length === 0 ? "none is given" : `${comparators.join(" and ")} are given`;
    refuse(comparators[1] ?? "equals", `exactly one of ${COMPARATORS.join(", ")} says what is claimed; ${found}`);
  }
  const [comparator = "equals"] = comparators;
  checkValue(claim[comparator], (message) => refuse(comparator, message));
  if (comparator === "approx") checkBounds(claim, "approx", ["value", "abs", "rel"], refuse);
  if (comparator === "between") checkBounds(claim, "between", ["min", "max"], refuse);
  return claim as Claim;
}

function checkBounds(
  claim: Record<string, unknown>,
  comparator: string,
  keys: readonly string[],
  refuse: (key: string, message: string) => never,
): void {
  const bounds = claim[comparator];
  if (typeof bounds !== "object" || bounds === null) refuse(comparator, `expected { ${keys.join(", ")} }`);
  for (const [key, value] of Object.entries(bounds as object)) {
    if (!keys.includes(key)) refuse(`${comparator}.${key}`, "unknown key");
    if (value !== undefined && typeof value !== "number") refuse(`${comparator}.${key}`, "expected a number");
  }
}

/** How deep a claimed value may be nested, so that a payload around it can be read again. */
const MAX_NESTING = 120;

/** Refuses numbers that JSON cannot carry or that JavaScript has already rounded, and what is no JSON value. */
function checkValue(value: unknown, refuse: (message: string) => never, levels = 0): void {
  if (levels > MAX_NESTING) refuse(`is nested too deep: at most ${MAX_NESTING} levels`);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) refuse(`${value} is no JSON number`);
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      refuse(`${value} is beyond 2^53 and may have been rounded: write it as bigint`);
    }
  } else if (Array.isArray(value)) {
    for (const member of value) checkValue(member, refuse, levels + 1);
  } else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) checkValue(member, refuse, levels + 1);
  } else if (value === undefined || typeof value === "function" || typeof value === "symbol") {
    refuse(`${typeof value} is no JSON value`);
  }
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}
