//! Claims: what an agent says that an exchange has shown.

mod comparator;
mod reader;

use crate::commitment::Field;
use crate::path::Path;
use crate::query::Query;
pub use comparator::{Comparator, Tolerance};
use reader::Reader;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What of an exchange a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// The response body.
    #[default]
    Body,
    /// The status, a number.
    Status,
    /// The response headers, an object of lower-case names.
    Headers,
    /// The request, `{ method, url, headers, body }`.
    Request,
}

impl Part {
    /// The fields that reading this part looks at. A body is read by its content type, so that it needs the headers.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Body => &[Field::Response, Field::ResponseHeaders],
            Self::Status => &[],
            Self::Headers => &[Field::ResponseHeaders],
            Self::Request => &[Field::Request, Field::RequestHeaders, Field::Url],
        }
    }
}

/// One claim. Its JSON is the public API's `Claim`, where a bigint is `{"bigint": "…"}`.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The row that it is about.
    pub row_id: Option<String>,
    /// The call that it is about.
    pub call_ref: Option<String>,
    /// The model's tool call that it is about.
    pub tool_call_id: Option<String>,
    /// The action that it is about.
    pub action: Option<String>,
    /// The agent that made the exchange.
    pub agent_id: Option<String>,
    /// A condition on the exchange: this URL, or an endpoint pattern.
    pub url: Option<String>,
    /// What of the exchange is compared.
    pub part: Part,
    /// Where in that part.
    pub path: Path,
    /// With what, and how.
    pub comparator: Comparator,
    /// How old the exchange may be, in milliseconds.
    pub max_age_ms: Option<u64>,
    /// The agent's sentence, for people.
    pub text: Option<String>,
    json: Value,
}

/// Why a claim was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("claim {position}: {key}: {message}")]
pub struct ClaimError {
    /// The key at fault, as `approx.abs`; empty where it is the claim as a whole.
    pub key: String,
    /// The claim's position in its list, from 0.
    pub position: usize,
    /// What is wrong.
    pub message: String,
}

impl ClaimError {
    /// The error's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "invalid_claim"
    }
}

/// The keys of a claim that carry no comparator.
const OTHER_KEYS: [&str; 10] =
    ["rowId", "callRef", "toolCallId", "action", "agentId", "url", "part", "path", "maxAgeMs", "text"];

impl Claim {
    /// Reads a claim; `position` is its place in its list, for the error.
    pub fn parse(json: &Value, position: usize) -> Result<Self, ClaimError> {
        let reader = Reader::new(json, "", position)?;
        reader.allow_only(&[&OTHER_KEYS[..], &Comparator::KEYS].concat())?;
        let part = match reader.text("part")?.as_deref() {
            None | Some("body") => Part::Body,
            Some("status") => Part::Status,
            Some("headers") => Part::Headers,
            Some("request") => Part::Request,
            Some(_) => return Err(reader.error("part", "must be body, status, headers or request")),
        };
        let path = match reader.text("path")? {
            Some(text) => Path::parse(&text).map_err(|error| reader.error("path", &error.to_string()))?,
            None => Path::root(),
        };
        let lower_case = |id: String| id.to_ascii_lowercase();
        Ok(Self {
            row_id: reader.id("rowId")?.map(lower_case),
            call_ref: reader.id("callRef")?.map(lower_case),
            tool_call_id: reader.id("toolCallId")?,
            action: reader.id("action")?,
            agent_id: reader.id("agentId")?,
            url: reader.id("url")?,
            part,
            path,
            comparator: Comparator::read(&reader)?,
            max_age_ms: reader.milliseconds("maxAgeMs")?,
            text: reader.text("text")?,
            json: json.clone(),
        })
    }

    /// The claim with a comparator of the wire's in the place of its own.
    pub(crate) fn with_comparator(self, comparator: Comparator) -> Self {
        Self { comparator, ..self }
    }

    /// Which rows answer the claim: the first selector given, else the agent's latest. `agent` and `run` stand in where
    /// the claim names no agent, and for the run, which a claim never names.
    #[must_use]
    pub fn query(&self, agent: &str, run: Option<&str>) -> Query {
        let agent = self.agent_id.as_deref().unwrap_or(agent).to_owned();
        let run = run.map(str::to_owned);
        match self {
            Self { row_id: Some(row), .. } => Query::Row { row: row.clone() },
            Self { call_ref: Some(call), .. } => Query::Call { call: call.clone() },
            Self { tool_call_id: Some(id), .. } => Query::ToolCall { tool_call: id.clone() },
            Self { action: Some(action), .. } => Query::Action { action: action.clone(), agent, run },
            _ => Query::Agent { agent, run },
        }
    }

    /// Whether the claim says which exchanges it is about, rather than taking the last of an action or an agent.
    #[must_use]
    pub fn is_bound_to_call(&self) -> bool {
        self.row_id.is_some() || self.call_ref.is_some() || self.tool_call_id.is_some()
    }

    /// The fields that the judgement of this claim looks at, as far as an evaluator expects no endpoint of its own: what
    /// has to be disclosed for it to be decided, and nothing else.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        let url = self.url.is_some().then_some(Field::Url);
        self.part.fields().iter().copied().chain(url)
    }

    /// The JSON that the claim was read from.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }
}

impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Value::deserialize(deserializer)?, 0).map_err(D::Error::custom)
    }
}
