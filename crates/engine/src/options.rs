//! What the façade hands over; it has filled in every default, so that here nothing is optional by omission.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::secret::Secret;

/// What an engine is opened with. Two opens of one folder in one process must agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EngineOptions {
    /// How long a window of dirty rows stays open, in ms.
    pub debounce_ms: f64,
    /// Calls to the backend under way at once.
    pub max_concurrency: usize,
    /// Further header names, query names and body paths to redact.
    pub redact: Redact,
    /// How many bytes of a body are stored.
    pub max_body_bytes: usize,
    /// After how many days bodies are deleted.
    pub retention_days: f64,
    /// Above which size of the database the oldest bodies are deleted.
    pub retention_bytes: u64,
    /// The log's name; the key's own where null.
    pub origin: Option<String>,
    /// The key's file; `<dir>/key` where null.
    pub key_file: Option<String>,
    /// A signed checkpoint that the log must extend, or nothing is signed. Another open of the folder may pin another
    /// one, so that it is not compared.
    #[serde(skip_serializing)]
    pub pin: Option<String>,
    /// What commits rows and answers queries; this process itself where null.
    pub backend: Option<BackendOptions>,
    /// The Postgres database that rows go to and are committed from; the folder keeps and commits its own where null.
    #[serde(skip_serializing)]
    pub postgres_url: Option<Secret>,
}

/// A backend that is another process, on this machine or elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BackendOptions {
    /// Its base URL.
    pub url: String,
    /// The organisation's UUID.
    pub org_id: String,
    /// The bearer token; with neither token nor key one is asked for when it is needed.
    #[serde(skip_serializing)]
    pub token: Option<Secret>,
    /// The integration key, in place of a token.
    #[serde(skip_serializing)]
    pub api_key: Option<Secret>,
    /// The name under which the organisation keeps this table's queries.
    pub project: String,
    /// How long one operation may take, with what it waits for and its retries, in ms.
    pub timeout_ms: f64,
}

/// Redaction beyond the defaults.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Redact {
    /// Header names.
    pub headers: Vec<String>,
    /// Names of query parameters.
    pub query: Vec<String>,
    /// Paths into JSON bodies.
    pub paths: Vec<String>,
}

/// What a payload is built with.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BuildOptions {
    /// The agent of claims that name none.
    pub agent_id: String,
    /// The run that `action` and the default look into.
    pub run_id: Option<String>,
    /// Whether they look into all runs.
    pub store_scope: bool,
    /// When this process's recorder began to watch, in µs since 1970; null: it does not.
    pub watching_since_us: Option<f64>,
    /// What it watches.
    pub channels: Vec<String>,
    /// Positions of the claims whose exchanges are still under way.
    pub open: Vec<usize>,
    /// How long all of it may take, in ms.
    pub timeout_ms: f64,
    /// Calls to the backend under way at once for this payload, within the engine's own limit.
    pub max_concurrency: usize,
    /// A checkpoint that the payload's must be shown to extend.
    pub after: Option<After>,
    /// What of the rows' fields the payload gives away.
    pub disclose: Disclose,
    /// What the agent was told to do.
    pub prompt: Option<String>,
    /// What the agent was asked.
    pub task: Option<String>,
    /// What the agent answered.
    pub answer: Option<String>,
    /// Whether the payload carries the integration key that its queries can be read with.
    pub include_api_key: bool,
}

/// What of the rows' fields a payload gives away; the rows themselves are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclose {
    /// All that is stored.
    All,
    /// What the claims on a row look at.
    Fields,
    /// Nothing.
    None,
}

/// A checkpoint that another must extend.
#[derive(Debug, Clone, Deserialize)]
pub struct After {
    /// Its size, in decimal.
    pub size: String,
    /// Its root, in base64.
    pub root: String,
    /// Its origin.
    pub origin: String,
}

/// What a payload is evaluated with.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EvaluateOptions {
    /// The keys that the evaluator trusts, as vkeys; null: this engine's own, where it signs.
    pub verifier_keys: Option<Vec<String>>,
    /// Whether rows count that the engine's own backend tells of without proof, where no key is trusted.
    pub allow_backend_trust: bool,
    /// How long asking the backend may take, in ms.
    pub timeout_ms: f64,
    /// What the evaluator accepts as evidence; null: its defaults.
    pub expect: Option<Value>,
    /// The evaluator's own claims, in place of the payload's.
    pub claims: Option<Value>,
    /// The agent of claims that name none; null: the payload's.
    pub agent_id: Option<String>,
    /// The run that all evidence must belong to.
    pub bound_run: Option<String>,
    /// Whether `action` and the default may be answered from another run.
    pub store_scope: bool,
    /// How old the checkpoint may be, in ms.
    pub max_checkpoint_age_ms: Option<f64>,
    /// A checkpoint that the payload's must be shown to extend.
    pub after: Option<After>,
    /// Whether each verdict carries its bundle.
    pub bundles: bool,
}
