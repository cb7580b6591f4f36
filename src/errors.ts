/** Every error that vouchsafe throws, and the one place where the engine's failures become errors. */

/** The stable codes of {@link VouchsafeError}. */
export type ErrorCode =
  | "NOT_STARTED"
  | "INVALID_OPTION"
  | "OPTIONS_CONFLICT"
  | "INVALID_CLAIM"
  | "INVALID_PAYLOAD"
  | "ENGINE_UNAVAILABLE"
  | "UNTRUSTED_ENDPOINT"
  | "STORE_NOT_A_FOLDER"
  | "STORE_READ_ONLY"
  | "STORE_FULL"
  | "STORE_LOCKED"
  | "STORE_CORRUPT"
  | "STORE_FORKED"
  | "STORE_VERSION"
  | "STORE_IO"
  | "STORE_UNAVAILABLE"
  | "STORE_REFUSED"
  | "STORE_NOT_SHARED"
  | "STORE_NOT_FOUND"
  | "TRACE_NOT_FOUND"
  | "ROW_NOT_FOUND"
  | "ROW_NOT_COMMITTED"
  | "LOG_ELSEWHERE"
  | "EXPORT_REFUSED"
  | "EXPORT_FAILED"
  | "KEY_UNUSABLE"
  | "BACKEND_UNAVAILABLE"
  | "BACKEND_TIMEOUT"
  | "BACKEND_DENIED"
  | "BACKEND_PROTOCOL"
  | "BACKEND_DISPLACED"
  | "BACKEND_REFUTED"
  | "BACKEND_UNSUPPORTED"
  | "SERVER_KEYS"
  | "SERVER_LISTEN"
  | "TIMEOUT"
  | "ABORTED";

/** The base class of all errors of this package; `code` is stable, `message` says what to do. */
export class VouchsafeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** A function was called before `start()`. */
export class NotStartedError extends VouchsafeError {
  constructor(what: string) {
    super("NOT_STARTED", `${what} needs a started engine: call \`await start()\` first`);
  }
}

/** An option has a value that it cannot have; `key` names it. */
export class InvalidOptionError extends VouchsafeError {
  readonly key: string;

  constructor(key: string, message: string) {
    super("INVALID_OPTION", `${key}: ${message}`);
    this.key = key;
  }
}

/** The folder is open in this process with another value of the option `key`. */
export class OptionsConflictError extends VouchsafeError {
  readonly key: string;

  constructor(key: string, message: string) {
    super("OPTIONS_CONFLICT", message);
    this.key = key;
  }
}

/** A claim is not one; `key` and `position` (of the claim in its list) say where. */
export class InvalidClaimError extends VouchsafeError {
  readonly key: string;
  readonly position: number;

  constructor(key: string, position: number, message: string) {
    super("INVALID_CLAIM", `claim ${position}, ${key}: ${message}`);
    this.key = key;
    this.position = position;
  }
}

/** The payload is not one that can be read at all. */
export class InvalidPayloadError extends VouchsafeError {
  constructor(message: string) {
    super("INVALID_PAYLOAD", message);
  }
}

/** No engine could be loaded; `cause` is the loader's own error. */
export class EngineUnavailableError extends VouchsafeError {
  constructor(message: string, options?: ErrorOptions) {
    super("ENGINE_UNAVAILABLE", message, options);
  }
}

/** The store could not be opened, read or written; `code` begins with `STORE_` or is `KEY_UNUSABLE`. */
export class StoreError extends VouchsafeError {}

/** What was signed here and what is stored here are two histories; nothing more is signed. */
export class ForkedStoreError extends StoreError {}

/** The backend could not be asked, or answered nothing that could be used; `code` begins with `BACKEND_`. */
export class BackendError extends VouchsafeError {}

/** The call did not end within its `timeoutMs`. */
export class TimeoutError extends VouchsafeError {
  constructor(message: string) {
    super("TIMEOUT", message);
  }
}

/** An expected failure as the engine hands it over. */
export interface EngineFailure {
  code: string;
  message: string;
  key?: string | null | undefined;
  position?: number | null | undefined;
}

/** The error that an engine's failure stands for. */
export function errorFrom(failure: EngineFailure): VouchsafeError {
  const { code, message } = failure;
  switch (code) {
    case "INVALID_OPTION":
      return new InvalidOptionError(failure.key ?? "options", message);
    case "OPTIONS_CONFLICT":
      return new OptionsConflictError(failure.key ?? "options", message);
    case "INVALID_CLAIM":
      return new InvalidClaimError(failure.key ?? "claims", failure.position ?? 0, message);
    case "INVALID_PAYLOAD":
      return new InvalidPayloadError(message);
    case "TIMEOUT":
      return new TimeoutError(message);
    case "STORE_FORKED":
      return new ForkedStoreError(code, message);
    default:
      if (code.startsWith("SERVER_")) return new VouchsafeError(code as ErrorCode, message);
      return code.startsWith("BACKEND_")
        ? new BackendError(code as ErrorCode, message)
        : new StoreError(code as ErrorCode, message);
  }
}
