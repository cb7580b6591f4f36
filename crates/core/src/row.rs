//! The canonical row: what a leaf of the log commits to.

use crate::commitment::Field;
use crate::hash::{Hash, sha256};
use crate::strict::{decimal, nullable, nullable_decimal, nullable_hash};
use crate::tag::MAX_PART_BYTES;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The format of the rows that this version writes and reads.
pub const SCHEMA: u64 = 1;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An HTTP exchange of a tool: evidence.
    Http,
    /// An HTTP exchange with a language model: no evidence for what the model says.
    Model,
    /// A tool call that its own program reported.
    Tool,
    /// A stretch in which rows were dropped.
    Gap,
}

impl Kind {
    /// Whether rows of this kind answer queries by call, tool call, action or agent.
    #[must_use]
    pub fn is_indexed(self) -> bool {
        matches!(self, Self::Http | Self::Tool)
    }
}

/// Who wrote a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The passive tap on the HTTP clients.
    #[serde(rename = "tap")]
    Tap,
    /// `recordTool`.
    #[serde(rename = "recordTool")]
    RecordTool,
    /// A table that somebody else fills.
    #[serde(rename = "postgres")]
    Postgres,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The response was received whole.
    Complete,
    /// The caller stopped reading.
    Aborted,
    /// It failed, or was refused.
    Error,
}

/// Whether the run, agent and call that a row names were known or inferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Context {
    /// Known where the request was made.
    Certain,
    /// Inferred; a claim on such a row is unverifiable.
    Uncertain,
}

/// A canonical row; its serialisation with `serde_json::to_string` is its RFC 8785 encoding.
///
/// Parsing is strict: a missing, unknown or duplicate key, another schema, or a value in any but its one spelling is
/// refused, so that a row that parses encodes to the text it came from but for white space, the order of keys and
/// escapes. Read it from text, never by way of `serde_json::Value`, which forgets duplicate keys.
/// Hashes are 64 lower-case hex digits, UUIDs lower case. The keys are in alphabetical order, as RFC 8785 wants them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Row {
    /// The action's name, at most 255 characters.
    pub action_name: String,
    /// The agent's name, at most 255 characters.
    pub agent_id: String,
    /// Length of the response body on the wire, in bytes (a decimal string in JSON).
    #[serde(with = "nullable_decimal")]
    pub body_length: Option<u64>,
    /// Commitment to the stored request body.
    #[serde(with = "nullable_hash")]
    pub c_request: Option<Hash>,
    /// Commitment to the stored request headers.
    #[serde(with = "nullable_hash")]
    pub c_request_headers: Option<Hash>,
    /// Commitment to the stored response body.
    #[serde(with = "nullable_hash")]
    pub c_response: Option<Hash>,
    /// Commitment to the stored response headers.
    #[serde(with = "nullable_hash")]
    pub c_response_headers: Option<Hash>,
    /// Commitment to the stored URL.
    #[serde(with = "nullable_hash")]
    pub c_url: Option<Hash>,
    /// Commitment to the SHA-256 of the response body's complete wire bytes.
    #[serde(with = "nullable_hash")]
    pub c_wire: Option<Hash>,
    /// The call that the row belongs to, a UUID.
    #[serde(deserialize_with = "nullable_uuid")]
    pub call_ref: Option<String>,
    /// Whether run, agent and call were known.
    #[serde(deserialize_with = "nullable_word")]
    pub context: Option<Context>,
    /// When the exchange ended, in µs since 1970 (a decimal string in JSON).
    #[serde(with = "decimal")]
    pub ended_us: u64,
    /// Why the exchange failed.
    #[serde(deserialize_with = "nullable")]
    pub error: Option<String>,
    /// When the response's first byte came, in µs since 1970 (a decimal string in JSON).
    #[serde(with = "nullable_decimal")]
    pub first_byte_us: Option<u64>,
    /// The HTTP version, as `1.1`.
    #[serde(deserialize_with = "nullable")]
    pub http_version: Option<String>,
    /// The row's id, a UUID.
    #[serde(deserialize_with = "uuid")]
    pub id: String,
    /// What the row is about.
    #[serde(deserialize_with = "word")]
    pub kind: Kind,
    /// The HTTP method, in upper case.
    #[serde(deserialize_with = "nullable")]
    pub method: Option<String>,
    /// How the exchange ended.
    #[serde(deserialize_with = "nullable_word")]
    pub outcome: Option<Outcome>,
    /// The row of which this one is a redirect or a retry, a UUID.
    #[serde(deserialize_with = "nullable_uuid")]
    pub parent: Option<String>,
    /// The places where something was redacted, sorted, each once.
    #[serde(deserialize_with = "ascending")]
    pub redacted: Vec<String>,
    /// The run that the row belongs to.
    #[serde(deserialize_with = "nullable_part")]
    pub run_id: Option<String>,
    /// The row's format, [`SCHEMA`].
    #[serde(deserialize_with = "schema")]
    pub schema: u64,
    /// Who wrote the row.
    #[serde(deserialize_with = "word")]
    pub source: Source,
    /// When the exchange began, in µs since 1970 (a decimal string in JSON).
    #[serde(with = "decimal")]
    pub started_us: u64,
    /// The HTTP status.
    #[serde(deserialize_with = "nullable")]
    pub status: Option<u16>,
    /// The model's tool call that the row belongs to.
    #[serde(deserialize_with = "nullable_part")]
    pub tool_call_id: Option<String>,
    /// Whether anything stored was cut, or could not be kept.
    pub truncated: bool,
}

impl Row {
    /// The RFC 8785 encoding of the row.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).expect("a row has only string keys and finite numbers")
    }

    /// SHA-256("vouchsafe/row" ‖ 0x00 ‖ canonical row), the hash that the row's leaf carries.
    #[must_use]
    pub fn hash(&self) -> Hash {
        sha256(&[b"vouchsafe/row\0", self.canonical().as_bytes()])
    }

    /// The commitment to a field, where the row has one.
    #[must_use]
    pub fn commitment(&self, field: Field) -> Option<Hash> {
        match field {
            Field::Url => self.c_url,
            Field::Request => self.c_request,
            Field::RequestHeaders => self.c_request_headers,
            Field::Response => self.c_response,
            Field::ResponseHeaders => self.c_response_headers,
            Field::Wire => self.c_wire,
        }
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectOnly)
    }
}

/// Refuses the array of values that serde's derived reader would take for a struct.
struct ObjectOnly;

impl<'de> Visitor<'de> for ObjectOnly {
    type Value = Row;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a canonical row")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Row, A::Error> {
        Row::deserialize(MapAccessDeserializer::new(map))
    }
}

fn schema<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        SCHEMA => Ok(SCHEMA),
        other => Err(D::Error::custom(format_args!("schema {other} is not {SCHEMA}"))),
    }
}

/// A word of an enum, as a text: `serde_json` takes `{"word": null}` for it as well.
fn word<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(String::deserialize(deserializer)?.into_deserializer())
}

fn nullable_word<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text: Option<String> = nullable(deserializer)?;
    text.map(|text| T::deserialize(text.into_deserializer())).transpose()
}

fn uuid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    check_uuid(String::deserialize(deserializer)?)
}

fn nullable_uuid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    nullable(deserializer)?.map(check_uuid).transpose()
}

fn check_uuid<E: Error>(text: String) -> Result<String, E> {
    match uuid::Uuid::try_parse(&text) {
        Ok(parsed) if *parsed.hyphenated().encode_lower(&mut [0; 36]) == *text => Ok(text),
        _ => Err(E::custom(format_args!("`{text}` is no lower-case UUID"))),
    }
}

fn nullable_part<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = nullable(deserializer)?;
    if text.as_ref().is_some_and(|text| text.len() > MAX_PART_BYTES) {
        return Err(D::Error::custom(format_args!("an id of more than {MAX_PART_BYTES} bytes")));
    }
    Ok(text)
}

fn ascending<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let places = Vec::<String>::deserialize(deserializer)?;
    if !places.is_sorted_by(|left, right| left < right) {
        return Err(D::Error::custom("`redacted` is not sorted"));
    }
    Ok(places)
}
