//! A query's answer as the protocol says it: a result set and what is known of its proof.

use serde_json::{Value, json};
use std::time::Duration;
use vouchsafe_backend::TableAnswer;
use vouchsafe_core::{intercept::Intercept, timestamp::iso8601};

use crate::state::Queried;

/// The record of a query. It is answered anew whenever somebody looks at it, from the rows as they are then.
pub fn record(queried: &Queried, answer: &TableAnswer, took: Duration) -> Value {
    let detail = answer.rows.iter().find_map(|row| Some(row.fault.as_ref()?.describe(&row.id)));
    let status = if detail.is_some() { "Failed" } else { "Completed" };
    let verification = match (&detail, queried.verify) {
        (Some(_), _) => "Failed",
        (None, true) => "Verified",
        (None, false) => "Unverified",
    };
    let took = took.as_secs_f64() * 1_000.0;
    json!({
        "id": queried.id,
        "sql_query": queried.sql,
        "result": { "type": "resultset", "value": {
            "columns": COLUMNS.map(|name| json!({ "name": name })),
            "rows": answer.rows.iter().filter_map(|row| row.current.as_ref()).map(cells).collect::<Vec<_>>(),
        } },
        "proof": {
            "id": queried.id,
            "status": status,
            "verification_status": verification,
            "execution_time_ms": took,
            "verification_time_ms": if queried.verify { Some(took) } else { None },
            "format": "vouchsafe-bundle",
            "detail": detail,
        },
    })
}

/// The columns of an answer: those that every client knows, then ours.
const COLUMNS: [&str; 27] = [
    "id",
    "agent_id",
    "action_name",
    "source_url",
    "request_payload",
    "raw_response",
    "response_hash",
    "call_ref",
    "created_at",
    "kind",
    "run_id",
    "tool_call_id",
    "parent",
    "method",
    "status",
    "http_version",
    "outcome",
    "error",
    "context",
    "truncated",
    "redacted",
    "request_headers",
    "response_headers",
    "started_us",
    "first_byte_us",
    "ended_us",
    "body_length",
];

fn cells(row: &Intercept) -> Value {
    let own = &row.own;
    json!([
        row.id,
        row.agent_id,
        row.action_name,
        row.source_url,
        row.request_payload,
        row.raw_response,
        row.response_hash,
        row.call_ref,
        timestamp(row.created_us),
        own.kind,
        own.run_id,
        own.tool_call_id,
        own.parent,
        own.method,
        own.status,
        own.http_version,
        own.outcome,
        own.error,
        own.context,
        own.truncated,
        own.redacted,
        own.request_headers,
        own.response_headers,
        own.started_us,
        own.first_byte_us,
        own.ended_us,
        own.body_length,
    ])
}

/// As `PostgreSQL` writes a timestamp in JSON.
fn timestamp(us: u64) -> String {
    let seconds = iso8601(us);
    format!("{}.{:06}", &seconds[..19], us % 1_000_000)
}
