//! The traces of a folder, as they are listed and shown.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use vouchsafe_core::{
    claim::Claim,
    query::Query,
    row::Row,
    view::{Line, View},
};
use vouchsafe_store::sqlite::{Reader, StoredRow, TraceClaim};

use crate::EngineError;

/// Rows of any number: SQLite's largest.
const ANY: u64 = i64::MAX.unsigned_abs();

/// A trace in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedTrace {
    id: String,
    run_id: Option<String>,
    task: Option<String>,
    answer: Option<String>,
    outcome: String,
    created_us: u64,
    claims: u64,
    caught: u64,
}

/// A trace with all that belongs to it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownTrace {
    id: String,
    run_id: Option<String>,
    task: Option<String>,
    answer: Option<String>,
    outcome: String,
    created_us: u64,
    claims: Vec<ShownClaim>,
}

/// A claim and what came of it. `claimed` and `actual` are JSON text, so that every number keeps its digits.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownClaim {
    position: usize,
    row_id: Option<String>,
    query_id: Option<String>,
    claim: Value,
    outcome: String,
    reason: String,
    details: String,
    path: Option<String>,
    claimed: Option<String>,
    actual: Option<String>,
    excerpt: Vec<Line>,
    lines: usize,
    exchange: Option<ShownExchange>,
}

/// The row that a claim rests on, under the names of its columns, and its fields as text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownExchange {
    #[serde(flatten)]
    row: Row,
    row_seq: String,
    url: Option<String>,
    request_headers: Option<String>,
    response_headers: Option<String>,
    request: Option<String>,
    response: Option<String>,
}

/// The newest traces, of one outcome where given.
///
/// # Errors
/// `STORE_NOT_FOUND`; the store's own.
pub fn list_traces(dir: &Path, limit: u32, outcome: Option<&str>) -> Result<Vec<ListedTrace>, EngineError> {
    let found = super::read(dir, |reader| Ok(reader.traces(limit, outcome)?))?;
    let listed = found.into_iter().map(|found| ListedTrace {
        id: found.trace.id,
        run_id: found.trace.run_id,
        task: found.trace.task,
        answer: found.trace.answer,
        outcome: found.trace.outcome,
        created_us: found.trace.created_us,
        claims: found.claims,
        caught: found.caught,
    });
    Ok(listed.collect())
}

/// The one trace whose id begins with `id`.
///
/// # Errors
/// `TRACE_NOT_FOUND`, also where several begin with it; `STORE_NOT_FOUND`; the store's own.
pub fn show_trace(dir: &Path, id: &str) -> Result<ShownTrace, EngineError> {
    let id = id.to_ascii_lowercase();
    let found = super::read(dir, |reader| {
        Ok(match &reader.trace_ids(&id, 2)?[..] {
            [] => Err(format!("no trace begins with {id}")),
            [one] => Ok(show(reader, one)?),
            _ => Err(format!("several traces begin with {id}: give more of the id")),
        })
    })?;
    let not_found = |message: String| EngineError::new("TRACE_NOT_FOUND", message);
    found.and_then(|trace| trace.ok_or_else(|| format!("no trace begins with {id}"))).map_err(not_found)
}

fn show(reader: &Reader, id: &str) -> Result<Option<ShownTrace>, vouchsafe_store::StoreError> {
    let Some(trace) = reader.trace(id)? else { return Ok(None) };
    let claims = trace.claims.into_iter().enumerate();
    let claims = claims.map(|(position, claim)| {
        let stored = claim.intercept_id.as_ref().map(|row| row_of(reader, row)).transpose()?.flatten();
        Ok(ShownClaim::of(position, claim, stored))
    });
    Ok(Some(ShownTrace {
        claims: claims.collect::<Result<_, vouchsafe_store::StoreError>>()?,
        id: trace.id,
        run_id: trace.run_id,
        task: trace.task,
        answer: trace.answer,
        outcome: trace.outcome,
        created_us: trace.created_us,
    }))
}

fn row_of(reader: &Reader, id: &str) -> Result<Option<StoredRow>, vouchsafe_store::StoreError> {
    let found = reader.answers(&Query::Row { row: id.to_owned() }, ANY, 1)?;
    found.first().map_or(Ok(None), |row_seq| reader.row(*row_seq))
}

impl ShownClaim {
    fn of(position: usize, kept: TraceClaim, stored: Option<StoredRow>) -> Self {
        let json: Value = serde_json::from_str(&kept.claim).unwrap_or(Value::Null);
        let claim = Claim::parse(&json, position).ok();
        let view = claim.as_ref().zip(stored.as_ref());
        let view = view.and_then(|(claim, stored)| View::of(claim, &stored.row, &stored.fields));
        let (actual, excerpt, lines) =
            view.map_or((None, Vec::new(), 0), |view| (view.actual, view.excerpt, view.lines));
        Self {
            position,
            row_id: kept.intercept_id,
            query_id: kept.query_id,
            outcome: kept.outcome,
            reason: kept.reason,
            details: kept.details,
            path: claim.as_ref().map(|claim| claim.path.as_str().to_owned()),
            claimed: claim.as_ref().map(|claim| claim.comparator.claimed(&json).to_string()),
            actual: actual.map(|value| value.to_string()),
            claim: json,
            excerpt,
            lines,
            exchange: stored.map(ShownExchange::of),
        }
    }
}

impl ShownExchange {
    fn of(stored: StoredRow) -> Self {
        let text = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        // Header bytes are latin-1.
        let headers = |bytes: Option<Vec<u8>>| bytes.map(|bytes| bytes.into_iter().map(char::from).collect());
        Self {
            row: stored.row,
            row_seq: stored.row_seq.to_string(),
            url: text(stored.fields.url),
            request_headers: headers(stored.fields.request_headers),
            response_headers: headers(stored.fields.response_headers),
            request: text(stored.fields.request),
            response: text(stored.fields.response),
        }
    }
}
