//! Rows on the server's word: what its result set's columns hold, as the canonical rows of LEDGER.md's "Rows read from
//! Postgres". Their commitments bind nothing, since nobody signed them.

use serde_json::Value;
use vouchsafe_core::{
    commitment::RowKey,
    exchange::Fields,
    intercept::{Intercept, Own},
    row::Row,
};

use super::timestamp;
use crate::BackendError;

/// The rows of a result set, in its order.
pub(super) fn rows(result: Option<&Value>) -> Result<Vec<(Row, Fields)>, BackendError> {
    let result = result.filter(|result| result["type"] == "resultset");
    let value = &result.ok_or_else(|| protocol("a record without a result set"))?["value"];
    let columns: Vec<String> = list(&value["columns"])
        .map(|column| column["name"].as_str().unwrap_or_default().to_ascii_lowercase())
        .collect();
    list(&value["rows"]).map(|cells| row(&Cells { columns: &columns, cells })).collect()
}

fn row(cells: &Cells<'_>) -> Result<(Row, Fields), BackendError> {
    let prepared = intercept(cells)?.prepare(RowKey::random());
    let prepared = prepared.map_err(|error| protocol(&format!("a row that is none: {error}")))?;
    Ok((prepared.row, prepared.fields))
}

fn intercept(cells: &Cells<'_>) -> Result<Intercept, BackendError> {
    let created = timestamp::parse(&cells.needed("created_at")?);
    Ok(Intercept {
        id: cells.needed("id")?.to_ascii_lowercase(),
        agent_id: cells.needed("agent_id")?,
        action_name: cells.needed("action_name")?,
        source_url: cells.needed("source_url")?,
        request_payload: cells.needed("request_payload")?,
        raw_response: cells.needed("raw_response")?,
        response_hash: cells.text("response_hash").unwrap_or_default(),
        call_ref: cells.text("call_ref").map(|call| call.to_ascii_lowercase()),
        created_us: created.ok_or_else(|| protocol("a row whose created_at is no timestamp"))?,
        own: Own {
            kind: cells.text("kind"),
            run_id: cells.text("run_id"),
            tool_call_id: cells.text("tool_call_id"),
            parent: cells.text("parent"),
            method: cells.text("method"),
            status: cells.number("status")?,
            http_version: cells.text("http_version"),
            outcome: cells.text("outcome"),
            error: cells.text("error"),
            context: cells.text("context"),
            truncated: cells.number("truncated")?,
            redacted: cells.text("redacted"),
            request_headers: cells.text("request_headers"),
            response_headers: cells.text("response_headers"),
            started_us: cells.number("started_us")?,
            first_byte_us: cells.number("first_byte_us")?,
            ended_us: cells.number("ended_us")?,
            body_length: cells.number("body_length")?,
        },
    })
}

/// One row of a result set.
struct Cells<'a> {
    columns: &'a [String],
    cells: &'a Value,
}

impl Cells<'_> {
    /// A cell as text; where a server has made JSON of it, that JSON's text.
    fn text(&self, column: &str) -> Option<String> {
        let place = self.columns.iter().position(|name| name == column)?;
        match self.cells.get(place)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    fn needed(&self, column: &str) -> Result<String, BackendError> {
        self.text(column).ok_or_else(|| protocol(&format!("a row without {column}")))
    }

    fn number<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, BackendError> {
        let parse = |text: String| text.parse().map_err(|_| protocol(&format!("a row whose {column} is unreadable")));
        self.text(column).map(parse).transpose()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn protocol(what: &str) -> BackendError {
    BackendError::Protocol(what.to_owned())
}
