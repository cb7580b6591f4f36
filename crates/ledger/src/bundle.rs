//! Bundles: the proof of one query, as JSON.

mod check;
mod wire;

use serde::{Deserialize, Serialize};
use vouchsafe_core::commitment::Field;
use vouchsafe_core::hash::Hash;
use vouchsafe_core::query::Query;
use vouchsafe_core::row::Row;

pub use check::{BundleError, CheckedRow, OpenedBundle};

/// The rows that answer a query, each with its proof.
///
/// Inside a payload a bundle has neither checkpoint nor seal, since all share one of each; standing alone it has both.
/// Reading is strict: base64 has canonical padding, indexes and times are canonical decimal strings, and unknown,
/// duplicate or missing keys are refused. Read it from text, never by way of `serde_json::Value`, which forgets
/// duplicate keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Bundle {
    v: wire::Version,
    /// What was asked.
    pub query: Query,
    /// The signed checkpoint that all proofs are made under.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// The rows, in the order of the log.
    pub rows: Vec<BundleRow>,
    /// The checkpoint's last leaf.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub seal: Option<SealProof>,
}

/// A row, the proof of its leaf, and those of its fields that are disclosed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct BundleRow {
    /// The leaf's index in the log.
    #[serde(with = "wire::decimal")]
    pub index: u64,
    /// The row's number among the log's rows.
    #[serde(with = "wire::decimal")]
    pub row_seq: u64,
    /// The leaf's time, in µs since 1970.
    #[serde(with = "wire::decimal")]
    pub time_us: u64,
    /// The canonical row.
    pub row: Row,
    /// What is disclosed of the row's fields.
    pub fields: DisclosedFields,
    /// The leaf's inclusion proof, its sibling first.
    #[serde(with = "wire::hashes")]
    pub proof: Vec<Hash>,
}

/// The disclosed fields of a row; what is withheld cannot be guessed from its commitment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct DisclosedFields {
    /// The stored response body.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub response: Option<DisclosedField>,
    /// The stored request body.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub request: Option<DisclosedField>,
    /// The stored request headers.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub request_headers: Option<DisclosedField>,
    /// The stored response headers.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub response_headers: Option<DisclosedField>,
    /// The redacted URL.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub url: Option<DisclosedField>,
}

/// A field's stored bytes and the key under which the row commits to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct DisclosedField {
    /// The stored bytes.
    #[serde(with = "wire::bytes")]
    pub bytes: Vec<u8>,
    /// HMAC-SHA256(row key, field name).
    #[serde(with = "wire::hash")]
    pub key: Hash,
}

/// The last leaf of a checkpoint's tree, and its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct SealProof {
    /// The seal's index: the checkpoint's size less one.
    #[serde(with = "wire::decimal")]
    pub index: u64,
    /// The encoded [`Seal`](crate::Seal).
    #[serde(with = "wire::bytes")]
    pub leaf: Vec<u8>,
    /// The leaf's inclusion proof, its sibling first.
    #[serde(with = "wire::hashes")]
    pub proof: Vec<Hash>,
}

wire::object_only!(Bundle, BundleRow, DisclosedFields, DisclosedField, SealProof);

impl Bundle {
    /// A bundle as it stands in a payload: without checkpoint and seal.
    #[must_use]
    pub fn new(query: Query, rows: Vec<BundleRow>) -> Self {
        Self { v: wire::Version, query, checkpoint: None, rows, seal: None }
    }

    /// Reads a bundle's JSON text.
    pub fn parse(json: &str) -> Result<Self, BundleError> {
        serde_json::from_str(json).map_err(|error| BundleError::Malformed(error.to_string()))
    }
}

impl DisclosedFields {
    /// The fields that are disclosed.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &DisclosedField)> {
        [
            (Field::Response, &self.response),
            (Field::Request, &self.request),
            (Field::RequestHeaders, &self.request_headers),
            (Field::ResponseHeaders, &self.response_headers),
            (Field::Url, &self.url),
        ]
        .into_iter()
        .filter_map(|(field, disclosed)| Some((field, disclosed.as_ref()?)))
    }
}
