//! Bundles: the proof of one query, as JSON.

mod check;
mod complete;
mod wire;

use serde::{Deserialize, Serialize};
use vouchsafe_core::commitment::Field;
use vouchsafe_core::hash::Hash;
use vouchsafe_core::plain_json;
use vouchsafe_core::query::Query;
use vouchsafe_core::row::Row;

pub use check::{BundleError, CheckedBundle, CheckedRow, OpenedBundle};

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
    /// What the map that the seal commits to says of the query.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub map: Option<MapAnswer>,
    /// The log's newest leaves, which show what there is without trust in the map.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub scan: Option<Scan>,
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

/// The proof of a query's key in the map: `{ value, path, other? }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct MapAnswer {
    /// The encoded [`MapValue`](crate::map::MapValue); null where no row answers.
    #[serde(with = "wire::nullable_bytes")]
    pub value: Option<Vec<u8>>,
    /// From the leaf up: bit and sibling, the bits falling.
    #[serde(with = "wire::path")]
    pub path: Vec<(u8, Hash)>,
    /// The leaf that an absent key's lookup reaches; absent in an empty map, and where there is a value.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub other: Option<MapLeaf>,
}

/// A leaf of the map: `{ k, v }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct MapLeaf {
    /// The key.
    #[serde(with = "wire::hash")]
    pub k: Hash,
    /// The encoded value.
    #[serde(with = "wire::bytes")]
    pub v: Vec<u8>,
}

/// All leaves from one index to the end of the log, and what stands before them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Scan {
    /// The complete subtrees before the first leaf, largest first.
    #[serde(with = "wire::hashes")]
    pub frontier: Vec<Hash>,
    /// The leaves, the seal last.
    #[serde(with = "wire::byte_strings")]
    pub leaves: Vec<Vec<u8>>,
}

wire::object_only!(Bundle, BundleRow, DisclosedFields, DisclosedField, SealProof, MapAnswer, MapLeaf, Scan);

impl Bundle {
    /// A bundle of rows alone, as it stands in a payload: without checkpoint and seal.
    #[must_use]
    pub fn new(query: Query, rows: Vec<BundleRow>) -> Self {
        Self { v: wire::Version, query, checkpoint: None, rows, seal: None, map: None, scan: None }
    }

    /// Reads a bundle's JSON text.
    pub fn parse(json: &str) -> Result<Self, BundleError> {
        plain_json::from_str(json).map_err(|error| BundleError::Malformed(error.to_string()))
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
