/** The public API of vouchsafe. */

export {
  buildHandoffPayload,
  commit,
  configureIndexing,
  engineInfo,
  evaluateHandoff,
  flush,
  pin,
  recordTool,
  shutdown,
  shutdownSync,
  start,
  stats,
  verify,
} from "./src/lifecycle.js"
export {
  currentContext,
  setInterceptorContext,
  withInterceptorContext,
  withRun,
  withTool,
} from "./src/recorder/context.js"
export { isUntrustedEndpoint, UntrustedEndpointError } from "./src/recorder/refuse/error.js"
export { claimsJsonSchema } from "./src/claims/schema.js"
export {
  BackendError,
  EngineUnavailableError,
  ForkedStoreError,
  InvalidClaimError,
  InvalidOptionError,
  InvalidPayloadError,
  NotStartedError,
  OptionsConflictError,
  StoreError,
  TimeoutError,
  VouchsafeError,
} from "./src/errors.js"
export { checkProof } from "./src/check/index.js"
export type { AgentResponse, Claim, Claims, JsonSchema, WireClaim } from "./src/claims/claim.js"
export type {
  CanonicalRow,
  CheckedFields,
  CheckedRow,
  Checkpoint,
  CheckResult,
  Covers,
  Form,
} from "./src/check/index.js"
export type { EngineEvent, EngineInfo } from "./src/engine/engine.js"
export type { ErrorCode } from "./src/errors.js"
export type { RemoteBackend, SharedStore } from "./src/backend.js"
export type { Vouchsafe } from "./src/instance.js"
export type { Json } from "./src/json.js"
export type { RecordOptions, StartOptions } from "./src/options.js"
export type { ContextOptions, InterceptorContext, ToolOptions } from "./src/recorder/context.js"
export type { ToolReport } from "./src/tool.js"
export type {
  ClaimVerdict,
  Distribution,
  HandoffPayload,
  Outcome,
  Reason,
  Stats,
  Verdict,
} from "./src/verdict.js"
export type { BuildPayloadOptions, EvaluateHandoffOptions, Expect, VerifyOptions } from "./src/verify/options.js"
