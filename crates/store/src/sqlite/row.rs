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
///
/// By position, in the order of the table: to look up 36 columns by name took longer than to read them.
pub(super) fn read(sql: &SqlRow<'_>) -> Result<StoredRow, StoreError> {
    let word = |at: usize| -> Result<Option<String>, StoreError> { Ok(sql.get(at)?) };
    let redacted = sql.get_ref(19)?.as_bytes().map_err(|_| damaged("redacted"))?;
    let row = Row {
        id: sql.get(2)?,
        schema: sql.get(3)?,
        kind: kind(sql.get_ref(4)?)?,
        source: Source::parse(&sql.get::<_, String>(5)?).ok_or_else(|| damaged("source"))?,
        run_id: sql.get(6)?,
        agent_id: sql.get(7)?,
        action_name: sql.get(8)?,
        call_ref: sql.get(9)?,
        tool_call_id: sql.get(10)?,
        parent: sql.get(11)?,
        method: sql.get(12)?,
        status: sql.get(13)?,
        http_version: sql.get(14)?,
        outcome: known(word(15)?, Outcome::parse, "outcome")?,
        error: sql.get(16)?,
        context: known(word(17)?, Context::parse, "context")?,
        truncated: sql.get(18)?,
        redacted: serde_json::from_slice(redacted).map_err(|_| damaged("redacted"))?,
        started_us: sql.get(20)?,
        first_byte_us: sql.get(21)?,
        ended_us: sql.get(22)?,
        body_length: sql.get(23)?,
        c_url: sql.get(24)?,
        c_request_headers: sql.get(25)?,
        c_response_headers: sql.get(26)?,
        c_request: sql.get(27)?,
        c_response: sql.get(28)?,
        c_wire: sql.get(29)?,
    };
    let fields = Fields {
        url: sql.get(30)?,
        request_headers: sql.get(31)?,
        response_headers: sql.get(32)?,
        request: sql.get(33)?,
        response: sql.get(34)?,
    };
    let row_key = match sql.get_ref(35)? {
        ValueRef::Null => None,
        other => Some(RowKey(other.as_blob().ok().and_then(|key| key.try_into().ok()).ok_or_else(|| damaged("key"))?)),
    };
    Ok(StoredRow { row_seq: sql.get(0)?, row_hash: sql.get(1)?, row, row_key, fields })
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
