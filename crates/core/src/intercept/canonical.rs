//! What the log commits to of a table's row (LEDGER.md, "The row": rows read from Postgres).

use super::Intercept;
use crate::commitment::{Field, RowKey};
use crate::exchange::{Fields, Prepared};
use crate::row::{Context, Kind, Outcome, Row, SCHEMA, Source};
use crate::tag::MAX_PART_BYTES;
use uuid::Uuid;

impl Intercept {
    /// The canonical row of what stands in the table now, and the bytes that it commits to; the error says which column
    /// holds what no canonical row can say.
    pub fn prepare(&self, row_key: RowKey) -> Result<Prepared, String> {
        let own = &self.own;
        let fields = Fields {
            url: Some(self.source_url.clone().into_bytes()),
            request: Some(self.request_payload.clone().into_bytes()),
            request_headers: own.request_headers.as_deref().map(|text| latin1("request_headers", text)).transpose()?,
            response: Some(self.raw_response.clone().into_bytes()),
            response_headers: own
                .response_headers
                .as_deref()
                .map(|text| latin1("response_headers", text))
                .transpose()?,
        };
        let committer = row_key.committer();
        let commit = |field| fields.get(field).map(|bytes| committer.commit(field, bytes));
        let row = Row {
            action_name: self.action_name.clone(),
            agent_id: self.agent_id.clone(),
            body_length: unsigned("body_length", own.body_length)?,
            c_request: commit(Field::Request),
            c_request_headers: commit(Field::RequestHeaders),
            c_response: commit(Field::Response),
            c_response_headers: commit(Field::ResponseHeaders),
            c_url: commit(Field::Url),
            c_wire: None,
            call_ref: self.call_ref.as_deref().map(|text| uuid("call_ref", text)).transpose()?,
            context: word("context", own.context.as_deref(), Context::parse)?,
            ended_us: unsigned("ended_us", own.ended_us)?.unwrap_or(self.created_us),
            error: own.error.clone(),
            first_byte_us: unsigned("first_byte_us", own.first_byte_us)?,
            http_version: own.http_version.clone(),
            id: uuid("id", &self.id)?,
            kind: word("kind", own.kind.as_deref(), Kind::parse)?.unwrap_or(Kind::Http),
            method: own.method.clone(),
            outcome: word("outcome", own.outcome.as_deref(), Outcome::parse)?,
            parent: own.parent.as_deref().map(|text| uuid("parent", text)).transpose()?,
            redacted: own.redacted.as_deref().map_or(Ok(Vec::new()), places)?,
            run_id: part("run_id", own.run_id.as_ref())?,
            schema: SCHEMA,
            source: Source::Postgres,
            started_us: unsigned("started_us", own.started_us)?.unwrap_or(self.created_us),
            status: number("status", own.status)?,
            tool_call_id: part("tool_call_id", own.tool_call_id.as_ref())?,
            truncated: own.truncated.unwrap_or(false),
        };
        Ok(Prepared { row_hash: row.hash(), row, row_key, fields })
    }
}

fn number<N: Copy + std::fmt::Display, T: TryFrom<N>>(column: &str, value: Option<N>) -> Result<Option<T>, String> {
    value.map(|value| T::try_from(value).map_err(|_| format!("{column} is {value}"))).transpose()
}

fn unsigned(column: &str, value: Option<i64>) -> Result<Option<u64>, String> {
    number(column, value)
}

fn uuid(column: &str, text: &str) -> Result<String, String> {
    Uuid::try_parse(text).map(|uuid| uuid.to_string()).map_err(|_| format!("{column} is no UUID"))
}

fn word<T>(column: &str, text: Option<&str>, parse: fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    text.map(|text| parse(text).ok_or_else(|| format!("{column} holds an unknown word"))).transpose()
}

fn part(column: &str, text: Option<&String>) -> Result<Option<String>, String> {
    match text {
        Some(text) if text.len() > MAX_PART_BYTES => Err(format!("{column} has more than {MAX_PART_BYTES} bytes")),
        other => Ok(other.cloned()),
    }
}

fn places(text: &str) -> Result<Vec<String>, String> {
    serde_json::from_str::<Vec<String>>(text)
        .ok()
        .filter(|places| places.is_sorted_by(|left, right| left < right))
        .ok_or_else(|| "redacted holds no sorted list of texts".into())
}

fn latin1(column: &str, text: &str) -> Result<Vec<u8>, String> {
    let bytes = text.chars().map(|character| u8::try_from(character).ok()).collect::<Option<_>>();
    bytes.ok_or_else(|| format!("{column} holds what no header can"))
}
