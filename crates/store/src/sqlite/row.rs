//! A row between its Rust form and its columns; the columns carry the canonical row's names.

use rusqlite::{Row as SqlRow, Statement, types::ValueRef};
use vouchsafe_core::{
    commitment::RowKey,
    exchange::{Fields, Prepared},
    row::{Context, Kind, Outcome, Row, Source},
};

use super::read::StoredRow;
use crate::StoreError;

pub(super) const INSERT: &str = "INSERT INTO intercepts VALUES
  (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,?33,?34,?35)";

pub(super) const INSERT_KEY: &str = "INSERT INTO row_keys VALUES (?1, ?2)";

pub(super) const SELECT: &str = "SELECT i.*, k.key FROM intercepts i LEFT JOIN row_keys k USING (row_seq)";

/// Writes one row under the number `row_seq`.
pub(super) fn insert(
    row_insert: &mut Statement<'_>,
    key_insert: &mut Statement<'_>,
    row_seq: u64,
    prepared: &Prepared,
) -> rusqlite::Result<()> {
    let Prepared { row, row_hash, row_key, fields } = prepared;
    let redacted = serde_json::to_string(&row.redacted).expect("a list of strings is plain data");
    let (truncated, kind, source) = (row.truncated, row.kind.as_str(), row.source.as_str());
    let (outcome, context) = (row.outcome.map(Outcome::as_str), row.context.map(Context::as_str));
    row_insert.execute(rusqlite::params![
        row_seq,
        row_hash,
        row.id,
        row.schema,
        kind,
        source,
        row.run_id,
        row.agent_id,
        row.action_name,
        row.call_ref,
        row.tool_call_id,
        row.parent,
        row.method,
        row.status,
        row.http_version,
        outcome,
        row.error,
        context,
        truncated,
        redacted,
        row.started_us,
        row.first_byte_us,
        row.ended_us,
        row.body_length,
        row.c_url,
        row.c_request_headers,
        row.c_response_headers,
        row.c_request,
        row.c_response,
        row.c_wire,
        fields.url,
        fields.request_headers,
        fields.response_headers,
        fields.request,
        fields.response,
    ])?;
    key_insert.execute(rusqlite::params![row_seq, row_key.0])?;
    Ok(())
}

/// Reads what `SELECT` gives; a column that does not hold what was written there is `StoreError::Corrupt`.
pub(super) fn read(sql: &SqlRow<'_>) -> Result<StoredRow, StoreError> {
    let word = |name: &str| -> Result<Option<String>, StoreError> { Ok(sql.get(name)?) };
    let redacted: String = sql.get("redacted")?;
    let row = Row {
        action_name: sql.get("action_name")?,
        agent_id: sql.get("agent_id")?,
        body_length: sql.get("body_length")?,
        c_request: sql.get("c_request")?,
        c_request_headers: sql.get("c_request_headers")?,
        c_response: sql.get("c_response")?,
        c_response_headers: sql.get("c_response_headers")?,
        c_url: sql.get("c_url")?,
        c_wire: sql.get("c_wire")?,
        call_ref: sql.get("call_ref")?,
        context: known(word("context")?, Context::parse, "context")?,
        ended_us: sql.get("ended_us")?,
        error: sql.get("error")?,
        first_byte_us: sql.get("first_byte_us")?,
        http_version: sql.get("http_version")?,
        id: sql.get("id")?,
        kind: kind(sql.get_ref("kind")?)?,
        method: sql.get("method")?,
        outcome: known(word("outcome")?, Outcome::parse, "outcome")?,
        parent: sql.get("parent")?,
        redacted: serde_json::from_str(&redacted).map_err(|_| damaged("redacted"))?,
        run_id: sql.get("run_id")?,
        schema: sql.get("schema")?,
        source: Source::parse(&sql.get::<_, String>("source")?).ok_or_else(|| damaged("source"))?,
        started_us: sql.get("started_us")?,
        status: sql.get("status")?,
        tool_call_id: sql.get("tool_call_id")?,
        truncated: sql.get("truncated")?,
    };
    let fields = Fields {
        url: sql.get("url")?,
        request: sql.get("request")?,
        request_headers: sql.get("request_headers")?,
        response: sql.get("response")?,
        response_headers: sql.get("response_headers")?,
    };
    let row_key = match sql.get_ref("key")? {
        ValueRef::Null => None,
        other => Some(RowKey(other.as_blob().ok().and_then(|key| key.try_into().ok()).ok_or_else(|| damaged("key"))?)),
    };
    Ok(StoredRow { row_seq: sql.get("row_seq")?, row_hash: sql.get("row_hash")?, row, row_key, fields })
}

/// What a column `kind` says.
pub(super) fn kind(column: ValueRef<'_>) -> Result<Kind, StoreError> {
    column.as_str().ok().and_then(Kind::parse).ok_or_else(|| damaged("kind"))
}

/// What a word of a vocabulary stands for, if there is one.
fn known<T>(word: Option<String>, parse: fn(&str) -> Option<T>, column: &str) -> Result<Option<T>, StoreError> {
    word.map(|word| parse(&word).ok_or_else(|| damaged(column))).transpose()
}

fn damaged(column: &str) -> StoreError {
    StoreError::Corrupt(format!("column {column} of a row holds something else"))
}
