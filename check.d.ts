// Generated from src/check/index.ts by `npm run build:dts`; do not edit.
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

/** Proof files (`c2sp.org/tlog-proof@v1`): that one leaf is in the log, in a file of its own. */

/** What a proof file proves, or why it proves nothing. */
interface ProofFileResult {
    ok: boolean;
    /** Where in the log the leaf stands, in decimal; null where that is not proven. */
    index: string | null;
    /** Null where a known key's signature is not on it. */
    checkpoint: Checkpoint | null;
    /** Null if `ok`; else `<code>: <sentence>`, with the codes of a bundle's check. */
    reason: string | null;
}
/**
 * Checks that a leaf of the log is where a `.tlog-proof` file says, under a checkpoint that a known key signed.
 *
 * @param leaf The leaf's bytes, not their hash.
 * @param vkeys As for `checkProof`.
 * @returns `ok: false` with a reason for whatever is wrong with the file; it never throws for that.
 */
declare function checkProofFile(text: string, leaf: Uint8Array, vkeys: string | string[]): Promise<ProofFileResult>;

export { checkProof, checkProofFile };
export type { CanonicalRow, CheckResult, CheckedFields, CheckedRow, Checkpoint, Covers, Form, ProofFileResult };
