// Generated from index.ts by `npm run build:dts`; do not edit.
/** A JSON value; integers beyond 2⁵³ are written as bigint. */
type Json = null | boolean | number | bigint | string | Json[] | {
    [key: string]: Json;
};

/** A JSON Schema (2020-12) without remote `$ref`. */
type JsonSchema = boolean | {
    [key: string]: Json;
};
/** What an agent says about what one of its tools returned. Exactly one of the five comparators is given. */
interface Claim {
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
    approx?: {
        value: number;
        abs?: number;
        rel?: number;
    };
    /** The number lies between these, inclusive. */
    between?: {
        min?: number;
        max?: number;
    };
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
interface WireClaim {
    verification_mode: string;
    [key: string]: unknown;
}
/** What a model is asked to answer with: its answer, and the values in it that came from tools. */
interface AgentResponse {
    answer: string;
    claimed_values: {
        path: string;
        value: Json;
        ref?: string;
        sourcerykit_ref?: string;
    }[];
}
/** What `verify` takes: claims, claims in the wire's form, or a model's structured answer. */
type Claims = readonly (Claim | WireClaim)[] | AgentResponse;

/** The canonical row: what a leaf of the log commits to. */

/**
 * A canonical row. Times are decimal strings, in µs since 1970; `body_length` is one in bytes; hashes are lower-case hex;
 * what is not known is null.
 */
interface CanonicalRow {
    action_name: string;
    agent_id: string;
    /** Length of the response body on the wire. */
    body_length: string | null;
    /** Commitments to the stored fields: HMAC-SHA256 under the field's key. */
    c_request: string | null;
    c_request_headers: string | null;
    c_response: string | null;
    c_response_headers: string | null;
    c_url: string | null;
    /** Commitment to the SHA-256 of the response body's complete wire bytes. */
    c_wire: string | null;
    call_ref: string | null;
    /** Whether run, agent and call were known where the request was made. */
    context: "certain" | "uncertain" | null;
    ended_us: string;
    error: string | null;
    first_byte_us: string | null;
    http_version: string | null;
    id: string;
    kind: "http" | "model" | "tool" | "gap";
    method: string | null;
    outcome: "complete" | "aborted" | "error" | null;
    /** The row of which this one is a redirect or a retry. */
    parent: string | null;
    /** The places where something was redacted, sorted. */
    redacted: string[];
    run_id: string | null;
    schema: 1;
    source: "tap" | "recordTool" | "postgres";
    started_us: string;
    status: number | null;
    tool_call_id: string | null;
    /** Whether anything stored was cut, or could not be kept. */
    truncated: boolean;
}

/** What a check says. */

/**
 * What is proven of the rows. "row": they are in the log; nothing about others. "call": they are all rows of the call.
 * "latest": no later row answers the query. "absence": no row answers it.
 */
type Covers = "row" | "call" | "latest" | "absence";
/** By what: "map" trusts the signer's map of the rows, "scan" shows the newest leaves and trusts nothing but the checkpoint. */
type Form = "map" | "scan";
/** A signed state of the log. */
interface Checkpoint {
    /** The log's name. */
    origin: string;
    /** How many leaves it has, in decimal. */
    size: string;
    /** Its root hash in base64. */
    root: string;
    /** The signed note that says so. */
    note: string;
}
/** The stored bytes of the fields that are disclosed; what is withheld is not here. */
interface CheckedFields {
    response?: Uint8Array;
    request?: Uint8Array;
    request_headers?: Uint8Array;
    response_headers?: Uint8Array;
    url?: Uint8Array;
}
/** A row that is in the log, as are those of its fields that are disclosed. */
interface CheckedRow {
    /** The leaf's index in the log, in decimal. */
    index: string;
    /** The row's number among the log's rows, in decimal. */
    rowSeq: string;
    /** The leaf's time in µs since 1970, in decimal. */
    timeUs: string;
    row: CanonicalRow;
    fields: CheckedFields;
}
/** What a bundle proves, or why it proves nothing. */
interface CheckResult {
    ok: boolean;
    /** Null where nothing is proven. */
    covers: Covers | null;
    /** Null where `covers` is null or "row". */
    form: Form | null;
    /** In the order of the log; none where nothing is proven. */
    rows: CheckedRow[];
    /** Null where a known key's signature is not on it. */
    checkpoint: Checkpoint | null;
    /**
     * Null if `ok`; else `<code>: <sentence>`. Codes: `malformed`, `missing`, `unknown_signer` and `incomplete` say nothing
     * about the rows; `invalid_signature` and `mismatch` are evidence that something was changed.
     */
    reason: string | null;
}

/** What a bundle proves, checked offline: only the checkpoint's signer is believed. */

/**
 * Checks a bundle that stands alone, as `verify(…, { bundles: true })` gives it: what it proves, without asking anybody.
 *
 * Give it the JSON text as you received it: of an object only what JSON.stringify makes of it is checked, and whoever
 * parsed the text has dropped duplicate keys unseen.
 *
 * @param vkeys The keys that are trusted to sign, as `<name>+<8 hex>+<base64>`; a TypeError where one is none of these.
 * @returns `ok: false` with a reason for whatever is wrong with the bundle; it never throws for that. In a browser it
 * rejects where WebCrypto has no Ed25519.
 */
declare function checkProof(bundle: string | object, vkeys: string | string[]): Promise<CheckResult>;

/** What became of a claim, or of all of them: CAUGHT outranks ERROR, ERROR outranks PASS. */
type Outcome = "PASS" | "CAUGHT" | "ERROR";
/** Why. PASS: supported. ERROR: unverifiable, backend_unavailable, timeout. CAUGHT: all others. */
type Reason = "supported" | "contradicted" | "path_missing" | "no_evidence" | "failed_exchange" | "stale" | "untrusted_endpoint" | "proof_invalid" | "unverifiable" | "backend_unavailable" | "timeout";
/** The verdict over a list of claims. */
interface Verdict {
    outcome: Outcome;
    runId: string;
    claims: ClaimVerdict[];
    /** What went wrong beside the claims themselves. */
    errors: {
        code: string;
        message: string;
    }[];
    checkpoint: Checkpoint | null;
    counts: {
        claims: number;
        records: number;
        requests: number;
        polls: number;
    };
    /** Milliseconds. */
    timings: {
        fenceMs: number;
        queryMs: number;
        proveMs: number;
        fetchMs: number;
        verifyMs: number;
        totalMs: number;
    };
    /** What the recorder watched, since when (ISO 8601), and how many stretches it missed. */
    coverage: {
        channels: string[];
        since: string;
        gaps: number;
    };
}
/** The verdict over one claim. */
interface ClaimVerdict {
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
interface Distribution {
    count: number;
    p50Ms: number;
    p90Ms: number;
    p99Ms: number;
}
/** Counters since `start()`. */
interface Stats {
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
interface HandoffPayload {
    contract_version: string;
    /** A UUID, as other SDKs want it; a run of another name is in `run`. */
    run_id: string | null;
    run?: string;
    claims: Record<string, unknown>[];
    [key: string]: unknown;
}

/** Where finished exchanges go. */
interface Sink {
    /**
     * One finished exchange, in one call; positional, so that the native call stays at a few microseconds. Never throws.
     *
     * Times are microseconds since 1970 (0: it did not happen). Headers are `name: value\n` each, lower-case names, latin-1.
     * `request` and `response` are the kept wire bytes, by reference (null: none was sent, or it could not be
     * observed; an empty list is a body observed to be empty); the lengths are those of the complete wire, and the hashes its SHA-256, given only where the kept bytes are a prefix.
     */
    record(kind: 0 | 1, id: string | null, runId: string | null, agentId: string, actionName: string | null, callRef: string | null, toolCallId: string | null, parent: string | null, method: string, url: string, status: number, httpVersion: string | null, outcome: 0 | 1 | 2, error: string | null, uncertain: boolean, startedUs: number, firstByteUs: number, endedUs: number, requestHeaders: string | null, responseHeaders: string | null, request: Uint8Array[] | null, requestLength: number, requestHash: Uint8Array | null, response: Uint8Array[] | null, responseLength: number, responseHash: Uint8Array | null): void;
}

/** What crosses to an engine: plain data, `T | null`, every default filled in by the façade. */

/** What an engine is opened with; two opens of one folder in one process must agree. */
interface EngineOptions {
    debounceMs: number;
    maxConcurrency: number;
    redact: {
        headers: string[];
        query: string[];
        paths: string[];
    };
    maxBodyBytes: number;
    retentionDays: number;
    retentionBytes: number;
    origin: string | null;
    keyFile: string | null;
    /** A signed checkpoint that the log must extend; instances of one folder may pin different ones. */
    pin: string | null;
    /** What commits rows and answers queries; this process itself where null. */
    backend: BackendOptions | null;
    /** The Postgres database that rows go to and are committed from; the folder keeps and commits its own where null. */
    postgresUrl: string | null;
}
/** A backend that is another process. */
interface BackendOptions {
    url: string;
    orgId: string;
    /** With neither token nor key the token source is asked. */
    token: string | null;
    apiKey: string | null;
    project: string;
    timeoutMs: number;
}
/** Gives a bearer token, another one after one was refused. */
type TokenSource = () => Promise<string>;
/** A checkpoint that another must extend. */
interface After {
    size: string;
    root: string;
    origin: string;
}
/** What a payload is built with. */
interface BuildOptions {
    agentId: string;
    runId: string | null;
    storeScope: boolean;
    watchingSinceUs: number | null;
    channels: string[];
    open: number[];
    timeoutMs: number;
    maxConcurrency: number;
    after: After | null;
    disclose: "all" | "fields" | "none";
    prompt: string | null;
    task: string | null;
    answer: string | null;
    includeApiKey: boolean;
}
/** What a payload is evaluated with. */
interface EvaluateOptions {
    /** Null: the engine's own key, where it signs. */
    verifierKeys: string[] | null;
    allowBackendTrust: boolean;
    timeoutMs: number;
    expect: unknown;
    claims: unknown;
    agentId: string | null;
    boundRun: string | null;
    storeScope: boolean;
    maxCheckpointAgeMs: number | null;
    after: After | null;
    bundles: boolean;
}
/** Something that no call returns: `writeFailed`, `bodiesLetGo`, `dropped`, `damaged`, `storeUnavailable` or `notCommitted`. */
interface EngineEvent {
    type: "writeFailed" | "bodiesLetGo" | "dropped" | "damaged" | "storeUnavailable" | "notCommitted";
    code: string;
    message: string;
}
/** Which engine runs, and why that one. */
interface EngineInfo {
    engine: "native";
    version: string;
    reason: string;
    platform: string;
}
/** A self-reported tool call. */
interface ToolRecord {
    rowId: string;
    runId: string;
    agentId: string;
    name: string;
    callRef: string;
    toolCallId: string | null;
    error: string | null;
    startedUs: number;
    endedUs: number;
    input: Uint8Array | null;
    output: Uint8Array | null;
}
/** One share in the engine of a folder. Payloads, claims and verdicts cross as JSON text. */
interface Engine extends Sink {
    recordTool(tool: ToolRecord): void;
    watch(channels: string[]): Promise<void>;
    /** Waits until the log is open, or cannot be opened now. */
    opened(deadlineMs: number): Promise<void>;
    flush(): Promise<void>;
    commit(): Promise<string>;
    /** Pins a signed checkpoint that the log must extend. */
    pin(note: string): Promise<void>;
    build(claims: string, options: BuildOptions, signal: AbortSignal | null): Promise<string>;
    evaluate(payload: string, options: EvaluateOptions, signal: AbortSignal | null): Promise<string>;
    verify(claims: string, build: BuildOptions, evaluate: EvaluateOptions, signal: AbortSignal | null): Promise<string>;
    stats(): Omit<Stats, "recordErrors">;
    verifierKey(): string;
    close(deadlineMs: number): Promise<boolean>;
    flushSync(deadlineMs: number): boolean;
    closeSync(deadlineMs: number): boolean;
}
type OnEvent = (event: EngineEvent) => void;
/** Loads and opens engines. */
interface EngineModule {
    info(): EngineInfo;
    /** The run of a folder in this process. */
    runOf(dir: string): string;
    open(dir: string, options: EngineOptions, onEvent: OnEvent, token: TokenSource | null): Promise<Engine>;
    /** The same, on this thread, for exit handlers. */
    openSync(dir: string, options: EngineOptions, onEvent: OnEvent, token: TokenSource | null): Engine;
    evaluateOffline(payload: string, options: EvaluateOptions): Promise<string>;
}

/** Where rows are kept and who commits them: the options `store` and `backend`. Options win over environment. */

/** Rows also go to a Postgres database that others read; they wait in the folder while it is away. */
interface SharedStore {
    /**
     * `postgres://user:password@host:5432/database`, with `sslmode` and `sslrootcert` as libpq means them. A remote backend is given this user and password to read the rows with: make a role of its
     * own for it, with rights to this database only.
     */
    postgresUrl: string;
}
/** A backend that is another process: `vouchsafe serve`, or whatever else speaks its protocol. */
interface RemoteBackend {
    /**
     * Its base URL; default VOUCHSAFE_BACKEND_URL. Over plain `http://` the token and the database's password can be read on
     * the way: use it within one machine or a network of your own, and `https://` elsewhere.
     */
    url?: string;
    /** The organisation's UUID; default VOUCHSAFE_ORG_ID. */
    orgId?: string;
    /**
     * The bearer token, or a function that gives one: it is called when the first is needed, and again after one was
     * refused. Default VOUCHSAFE_TOKEN.
     */
    token?: string | (() => string | Promise<string>);
    /** The integration key, in place of a token; default VOUCHSAFE_API_KEY. */
    apiKey?: string;
    /** The name under which the organisation keeps this table's queries; default VOUCHSAFE_PROJECT, else "vouchsafe". */
    project?: string;
    /**
     * How long one operation may take, a commit, a query or its proof, with what it waits for and its retries, in ms;
     * default 25,000. It ends an operation even where the `timeoutMs` of a `verify` would leave it more.
     */
    timeoutMs?: number;
}

/** What `start` takes, with environment and defaults filled in. Options win over environment. */

/** What of HTTP is recorded. */
interface RecordOptions {
    /** Whether HTTP is recorded at all; default true. */
    http?: boolean;
    /** Record only URLs that match one of these endpoint patterns. */
    include?: string[];
    /** Do not record URLs that match one of these. */
    exclude?: string[];
    /** Bytes of a body that are kept; default 4 MiB. */
    maxBodyBytes?: number;
    /** Further endpoints that are language models. */
    modelEndpoints?: string[];
    /** Whether the bodies of model exchanges are kept; default false. */
    modelBodies?: boolean;
}
/** Options of `start`. */
interface StartOptions {
    /** The store's folder; default ".vouchsafe", or VOUCHSAFE_DIR. */
    dir?: string;
    /** Where rows are kept; default: with VOUCHSAFE_POSTGRES_URL the shared one that it names, else "sqlite", the folder alone. In either case recording waits for the folder only. */
    store?: "sqlite" | SharedStore;
    /**
     * Who commits rows and answers claims; default "embedded": this process, to the folder's own log, or with a shared store
     * to one in that Postgres; or with VOUCHSAFE_BACKEND_URL a remote one. A remote backend needs a shared store to build on.
     */
    backend?: "embedded" | RemoteBackend;
    /** The agent of what names none; default "_default", or VOUCHSAFE_AGENT_ID. */
    agentId?: string;
    /** How long new rows wait for a commit where no verification asks for one, in ms; default 50. */
    debounceMs?: number;
    /** Calls to the backend under way at once; default 8. */
    maxConcurrency?: number;
    /**
     * Endpoints that requests may go to; default: VOUCHSAFE_TRUSTED_ENDPOINTS, else those of `vouchsafe endpoints`, else
     * any. All others are refused before anything leaves.
     */
    trustedEndpoints?: string[];
    /** What to redact beyond the defaults. */
    redact?: {
        headers?: string[];
        query?: string[];
        paths?: string[];
    };
    record?: RecordOptions;
    /** Bodies are deleted after `days` (default 30), or when the database is larger than `maxBytes` (default 1 GiB). */
    retention?: {
        days?: number;
        maxBytes?: number;
    };
    /** The log's name; default: made from its key. */
    origin?: string;
    /** Default "auto", or VOUCHSAFE_ENGINE. */
    engine?: "auto" | "native";
    /** Is told what no call returns. */
    onEvent?: (event: EngineEvent | {
        type: "recordError";
        code: string;
        message: string;
    }) => void;
}
/** Every option, resolved. */
interface Resolved {
    dir: string;
    agentId: string;
    trustedEndpoints: string[] | null;
    record: Required<Omit<RecordOptions, "include" | "exclude">> & {
        include: string[] | null;
        exclude: string[] | null;
    };
    engine: EngineOptions;
    /** Gives a remote backend's bearer tokens. */
    token: TokenSource | null;
    onEvent: NonNullable<StartOptions["onEvent"]>;
}

/** Whose exchange it is. A null is filled when the row is made: agentId and runId from start(), the rest stays null. */
interface InterceptorContext {
    readonly agentId: string | null;
    readonly actionName: string | null;
    readonly callRef: string | null;
    readonly toolCallId: string | null;
    readonly runId: string | null;
    /** Our own traffic: neither recorded nor refused. */
    readonly unrecorded: boolean;
}
interface ToolOptions {
    /** The tool's name: the action of what it fetches, at most 255 characters. */
    name: string;
    /** The model's own id of this tool call. */
    id?: string;
    agentId?: string;
    /** Put the call's reference as `_ref` into a plain object that fn returns, so that the model can cite it. */
    annotate?: boolean;
}
/** What fn fetches is recorded as one call of this tool, under a callRef of its own; returns what fn returns. */
declare function withTool<T>(tool: ToolOptions, fn: (call: {
    callRef: string;
}) => T): T;
/** What fn fetches belongs to this run (a turn, a conversation); without a runId a new one is made. */
declare function withRun<T>(run: {
    runId?: string;
}, fn: (run: {
    runId: string;
}) => T): T;
interface ContextOptions {
    agentId?: string;
    actionName?: string;
    callRef?: string;
    runId?: string;
}
/** What fn fetches is recorded with these names; those that are not given stay as they are. */
declare function withInterceptorContext<T>(context: ContextOptions, fn: () => T): T;
/** As withInterceptorContext, for the rest of the current asynchronous context. */
declare function setInterceptorContext(context: ContextOptions): void;
/** The names that an exchange would be recorded with now. */
declare function currentContext(): Omit<InterceptorContext, "unrecorded" | "agentId"> & {
    agentId: string;
};

/** Tools that are no HTTP: what they say of themselves is recorded as kind `tool`. */

/** A tool call that its own program reports. */
interface ToolReport {
    /** The tool's name: the action. */
    name: string;
    /** The model's id of the call. */
    id?: string;
    /** Any JSON; recorded as its JSON text. */
    input?: unknown;
    /** Any JSON; recorded as its JSON text. */
    output?: unknown;
    /** When it began; a Date or ms since 1970. Default: now. */
    startedAt?: Date | number;
    /** When it ended; likewise. */
    endedAt?: Date | number;
    /** Why it failed. */
    error?: string | Error;
}

/** Options of `verify`, `buildHandoffPayload` and `evaluateHandoff`. */

/** What the evaluator accepts as evidence, applied to the proven row and never to the claim's own fields. */
interface Expect {
    /** Endpoint patterns of which one must match the exchange's URL. */
    endpoints?: string[];
    actions?: string[];
    agentIds?: string[];
    /** Kinds of rows; default ["http"]. Self-reported tools count only with ["http", "tool"]. */
    kinds?: ("http" | "tool" | "model")[];
    /** How old the exchange may be at the checkpoint, in ms. */
    maxAgeMs?: number;
}
/** Options of `buildHandoffPayload`. */
interface BuildPayloadOptions {
    /** How long all of it may take, in ms; default 30,000. */
    timeoutMs?: number;
    /** Ends the call; it rejects with the signal's reason. */
    signal?: AbortSignal;
    /** Calls to the backend under way at once for this call; default: the engine's own limit. */
    maxConcurrency?: number;
    /** The agent of claims that name none; default: the one that start() was given. */
    agentId?: string;
    /** The run that `action` and the default look into; default: the current run. The evaluator binds every selector to it. */
    runId?: string;
    /** "store": `action` and the default look into all runs; default "run". */
    scope?: "run" | "store";
    /** What the agent was told to do. */
    prompt?: string;
    /** What it answered. */
    answer?: string;
    /** What it was asked. */
    task?: string;
    /** A checkpoint that this one must be shown to extend. */
    after?: Checkpoint;
    /**
     * What of the exchanges the payload gives away; default "all". "fields": only what the claims look at (`body` needs
     * the response and its headers, `headers` the response's headers, `request` the request, its headers and the URL,
     * `status` nothing, and a claim's `url`, or `expect.endpoints` of verify, the URL). "none": nothing, so that only
     * claims on what the row itself says, as its status, can be decided. What is withheld stays a commitment that cannot
     * be guessed, and a claim that looks at it is `unverifiable`. The row itself is always given: action, method, status,
     * times. An evaluator's own claims find what the payload's claims look at.
     */
    disclose?: "all" | "fields" | "none";
    /**
     * Whether the payload carries the backend's integration key, so that others can ask it; default false. Other SDKs'
     * evaluators need it.
     */
    includeApiKey?: boolean;
}
/** Options of `evaluateHandoff`. */
interface EvaluateHandoffOptions {
    /** How long asking a remote backend may take, in ms; default 30,000. */
    timeoutMs?: number;
    /** Ends the call; it rejects with the signal's reason. */
    signal?: AbortSignal;
    /** Keys that are trusted to sign, as vkeys; default: the trusted-keys file, else this engine's own key, where it signs. */
    verifierKeys?: string[];
    /**
     * Whether the word of this engine's own remote backend counts where it has no proof, or one of a key that is not trusted;
     * default false. Where any key is trusted it does not. The verdict then says `trust: "backend"`.
     */
    allowBackendTrust?: boolean;
    expect?: Expect;
    /** The evaluator's own claims on the payload's proofs, in place of the payload's claims. */
    claims?: Claim[];
    agentId?: string;
    /** Binds all evidence to this run. */
    runId?: string;
    scope?: "run" | "store";
    /** How old the checkpoint may be, in ms. */
    maxCheckpointAgeMs?: number;
    after?: Checkpoint;
    /** Whether each claim's verdict carries the bundle that proves it; default false. */
    bundles?: boolean;
}
/** Options of `verify`. */
type VerifyOptions = BuildPayloadOptions & Omit<EvaluateHandoffOptions, "claims">;

/** One started vouchsafe: a recorder, an engine, and what they are asked. */

/** Is told when an instance stops recording, and when it has nothing left to write. */
interface InstanceEvents {
    stopped(): void;
    drained(): void;
}
/** A started vouchsafe; `start()` makes them. */
declare class Vouchsafe {
    #private;
    /** Installs the recorder, so that nothing is missed while the store is being opened. */
    constructor(options: Resolved, module: EngineModule, events: InstanceEvents);
    /** Opens the store; on an error the recorder is taken away again. */
    open(): Promise<void>;
    /**
     * The key that others check this log with, as a vkey. Throws a BackendError with a remote backend, which signs with its
     * own, and a StoreError where the log is in a Postgres that did not answer while start() waited for it, at most 2 s.
     */
    get verifierKey(): string;
    /** The run that exchanges outside any withRun belong to. */
    get runId(): string;
    /** Records a tool call that is no HTTP; self-reported, kind `tool`. */
    recordTool: (report: ToolReport) => {
        rowId: string;
        callRef: string;
    };
    /** Waits until everything recorded so far is on disk. */
    flush: () => Promise<void>;
    /** Waits until everything recorded so far is in the log; the newest checkpoint where it is already. */
    commit: () => Promise<Checkpoint>;
    /**
     * Pins a checkpoint of this log, which may be one that another process made: what is signed from now on extends it.
     *
     * @throws ForkedStoreError where the log does not extend it (an older copy of the store was restored): nothing more is
     * signed then. InvalidOptionError where it is no checkpoint that this log's key signed.
     */
    pin: (checkpoint: Checkpoint | string) => Promise<void>;
    /** Counters since start. */
    stats: () => Stats;
    /** Which engine runs, and why. */
    engineInfo: () => EngineInfo;
    /** Turns claims into a verdict: build and evaluate in one call. */
    verify: (claims: Claims, options?: VerifyOptions) => Promise<Verdict>;
    /** Builds a payload that another process can evaluate with this log's verifier key alone. */
    buildHandoffPayload: (claims: Claims, options?: BuildPayloadOptions) => Promise<HandoffPayload>;
    /** Evaluates a payload, whoever built it, and keeps a trace of the verdict. */
    evaluateHandoff: (payload: HandoffPayload | string, options?: EvaluateHandoffOptions) => Promise<Verdict>;
    /** Writes what is queued, closes the store with the last instance of its folder, and takes the recorder away. Idempotent. */
    shutdown: () => Promise<void>;
    /** Writes what was recorded so far, on this thread, at most `deadlineMs`; everything goes on. */
    flushSync: (deadlineMs?: number) => void;
    /** The same for exit handlers: on this thread, without a commit, at most `deadlineMs`. */
    shutdownSync: (deadlineMs?: number) => void;
}

/** Starting and stopping, and the module-level functions, which use the instance started last. */

/**
 * Starts recording and opens the store. What is fetched after the call is recorded, whether it is awaited or not.
 *
 * @throws InvalidOptionError, OptionsConflictError, StoreError, EngineUnavailableError
 */
declare function start(options?: StartOptions): Promise<Vouchsafe>;
/** Ends every instance of this thread: what was recorded is on disk afterwards. Idempotent. */
declare function shutdown(): Promise<void>;
/** The same for exit handlers: on this thread, at most `deadlineMs` for each instance. */
declare function shutdownSync(deadlineMs?: number): void;
/** The earlier SDK's name for start and shutdown with defaults; need not be awaited. */
declare function configureIndexing({ enableIndexing }: {
    enableIndexing: boolean;
}): Promise<void>;
/** Waits until everything recorded so far is on disk. */
declare const flush: () => Promise<void>;
/** Waits until everything recorded so far is in the log, and returns its checkpoint. */
declare const commit: () => Promise<Checkpoint>;
/**
 * Pins a checkpoint of this log, or its signed note: what is signed from now on extends it.
 *
 * @throws ForkedStoreError, InvalidOptionError, NotStartedError, StoreError
 */
declare const pin: (checkpoint: Checkpoint | string) => Promise<void>;
/** Counters since start. */
declare const stats: () => Stats;
/** Which engine runs, and why. */
declare const engineInfo: () => EngineInfo;
/** Records a tool call that is no HTTP; self-reported, kind `tool`. */
declare const recordTool: (report: ToolReport) => {
    rowId: string;
    callRef: string;
};
/**
 * Turns claims into a verdict, with the exchange as evidence and a proof.
 *
 * @throws InvalidClaimError, InvalidOptionError, NotStartedError, the signal's reason
 */
declare const verify: (claims: Claims, options?: VerifyOptions) => Promise<Verdict>;
/**
 * Builds a payload that another process can evaluate with this log's verifier key alone.
 *
 * @throws InvalidClaimError, InvalidOptionError, NotStartedError, StoreError, TimeoutError, the signal's reason
 */
declare const buildHandoffPayload: (claims: Claims, options?: BuildPayloadOptions) => Promise<HandoffPayload>;
/**
 * Evaluates a payload. Needs no started engine where it is told which keys to trust, or where the environment names a
 * backend, and then keeps no trace.
 *
 * @throws InvalidPayloadError, InvalidOptionError, InvalidClaimError, NotStartedError
 */
declare function evaluateHandoff(payload: HandoffPayload | string, options?: EvaluateHandoffOptions): Promise<Verdict>;

/** Every error that vouchsafe throws, and the one place where the engine's failures become errors. */
/** The stable codes of {@link VouchsafeError}. */
type ErrorCode = "NOT_STARTED" | "INVALID_OPTION" | "OPTIONS_CONFLICT" | "INVALID_CLAIM" | "INVALID_PAYLOAD" | "ENGINE_UNAVAILABLE" | "UNTRUSTED_ENDPOINT" | "STORE_NOT_A_FOLDER" | "STORE_READ_ONLY" | "STORE_FULL" | "STORE_LOCKED" | "STORE_CORRUPT" | "STORE_FORKED" | "STORE_VERSION" | "STORE_IO" | "STORE_UNAVAILABLE" | "STORE_REFUSED" | "STORE_NOT_SHARED" | "STORE_NOT_FOUND" | "TRACE_NOT_FOUND" | "ROW_NOT_FOUND" | "ROW_NOT_COMMITTED" | "LOG_ELSEWHERE" | "EXPORT_REFUSED" | "EXPORT_FAILED" | "KEY_UNUSABLE" | "BACKEND_UNAVAILABLE" | "BACKEND_TIMEOUT" | "BACKEND_DENIED" | "BACKEND_PROTOCOL" | "BACKEND_DISPLACED" | "BACKEND_REFUTED" | "BACKEND_UNSUPPORTED" | "SERVER_KEYS" | "SERVER_LISTEN" | "TIMEOUT" | "ABORTED";
/** The base class of all errors of this package; `code` is stable, `message` says what to do. */
declare class VouchsafeError extends Error {
    readonly code: ErrorCode;
    constructor(code: ErrorCode, message: string, options?: ErrorOptions);
}
/** A function was called before `start()`. */
declare class NotStartedError extends VouchsafeError {
    constructor(what: string);
}
/** An option has a value that it cannot have; `key` names it. */
declare class InvalidOptionError extends VouchsafeError {
    readonly key: string;
    constructor(key: string, message: string);
}
/** The folder is open in this process with another value of the option `key`. */
declare class OptionsConflictError extends VouchsafeError {
    readonly key: string;
    constructor(key: string, message: string);
}
/** A claim is not one; `key` and `position` (of the claim in its list) say where. */
declare class InvalidClaimError extends VouchsafeError {
    readonly key: string;
    readonly position: number;
    constructor(key: string, position: number, message: string);
}
/** The payload is not one that can be read at all. */
declare class InvalidPayloadError extends VouchsafeError {
    constructor(message: string);
}
/** No engine could be loaded; `cause` is the loader's own error. */
declare class EngineUnavailableError extends VouchsafeError {
    constructor(message: string, options?: ErrorOptions);
}
/** The store could not be opened, read or written; `code` begins with `STORE_` or is `KEY_UNUSABLE`. */
declare class StoreError extends VouchsafeError {
}
/** What was signed here and what is stored here are two histories; nothing more is signed. */
declare class ForkedStoreError extends StoreError {
}
/** The backend could not be asked, or answered nothing that could be used; `code` begins with `BACKEND_`. */
declare class BackendError extends VouchsafeError {
}
/** The call did not end within its `timeoutMs`. */
declare class TimeoutError extends VouchsafeError {
    constructor(message: string);
}

/** A request that was refused before anything of it left: its endpoint is not on the list of trusted ones. */
declare class UntrustedEndpointError extends VouchsafeError {
    readonly url: string;
    /** `url` is the URL without userinfo, query and fragment. */
    constructor(url: string);
}
/** Whether this failure was our refusal, however deep a client has wrapped it. */
declare function isUntrustedEndpoint(error: unknown): boolean;

/** JSON Schema of {@link AgentResponse}, to ask a model for its answer and the values that it took from tools. */
declare const claimsJsonSchema: {
    readonly type: "object";
    readonly additionalProperties: false;
    readonly required: readonly ["answer", "claimed_values"];
    readonly properties: {
        readonly answer: {
            readonly type: "string";
            readonly description: "The answer for the user.";
        };
        readonly claimed_values: {
            readonly type: "array";
            readonly description: "Each value in the answer that a tool returned.";
            readonly items: {
                readonly type: "object";
                readonly additionalProperties: false;
                readonly required: readonly ["path", "value", "ref"];
                readonly properties: {
                    readonly path: {
                        readonly type: "string";
                        readonly description: "Where the value stands in the tool's result, as items[0].price.";
                    };
                    readonly value: {
                        readonly description: "The value as the tool returned it.";
                    };
                    readonly ref: {
                        readonly type: "string";
                        readonly description: "The tool call's _ref or id, or the tool's name.";
                    };
                };
            };
        };
    };
};

export { BackendError, EngineUnavailableError, ForkedStoreError, InvalidClaimError, InvalidOptionError, InvalidPayloadError, NotStartedError, OptionsConflictError, StoreError, TimeoutError, UntrustedEndpointError, Vouchsafe, VouchsafeError, buildHandoffPayload, checkProof, claimsJsonSchema, commit, configureIndexing, currentContext, engineInfo, evaluateHandoff, flush, isUntrustedEndpoint, pin, recordTool, setInterceptorContext, shutdown, shutdownSync, start, stats, verify, withInterceptorContext, withRun, withTool };
export type { AgentResponse, BuildPayloadOptions, CanonicalRow, CheckResult, CheckedFields, CheckedRow, Checkpoint, Claim, ClaimVerdict, Claims, ContextOptions, Covers, Distribution, EngineEvent, EngineInfo, ErrorCode, EvaluateHandoffOptions, Expect, Form, HandoffPayload, InterceptorContext, Json, JsonSchema, Outcome, Reason, RecordOptions, RemoteBackend, SharedStore, StartOptions, Stats, ToolOptions, ToolReport, Verdict, VerifyOptions, WireClaim };
