//! A row between its Rust form and its columns.

use std::time::SystemTime;

use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use uuid::Uuid;
use vouchsafe_core::intercept::{Intercept, Own};

use super::timestamp::{Timestamp, system_time};
use crate::StoreError;

/// A column of `intercepts` that we read and write.
pub(super) struct Column {
    pub name: &'static str,
    /// Its type, by a name that every engine takes for the same width.
    pub sql: &'static str,
}

const fn column(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql }
}

/// The columns, in the order of [`insert`]'s parameters and of [`read`].
pub(super) const COLUMNS: [Column; 27] = [
    column("id", "uuid"),
    column("agent_id", "text"),
    column("action_name", "text"),
    column("source_url", "text"),
    column("request_payload", "text"),
    column("raw_response", "text"),
    column("response_hash", "text"),
    column("call_ref", "uuid"),
    column("created_at", "timestamp"),
    // From here on they are ours, and nullable.
    column("kind", "text"),
    column("run_id", "text"),
    column("tool_call_id", "text"),
    column("parent", "uuid"),
    column("method", "text"),
    column("status", "int4"),
    column("http_version", "text"),
    column("outcome", "text"),
    column("error", "text"),
    column("context", "text"),
    column("truncated", "bool"),
    column("redacted", "text"),
    column("request_headers", "text"),
    column("response_headers", "text"),
    column("started_us", "int8"),
    column("first_byte_us", "int8"),
    column("ended_us", "int8"),
    column("body_length", "int8"),
];

/// The first of [`COLUMNS`] that other SDKs do not know.
pub(super) const OURS: usize = 9;

/// Where `created_at` is among them.
pub(super) const CREATED_AT: usize = 8;

impl Column {
    /// Whether a column of this type reads and writes as ours does.
    pub fn fits(&self, found: &Type) -> bool {
        match self.sql {
            "uuid" => *found == Type::UUID,
            "timestamp" => *found == Type::TIMESTAMP,
            "int4" => *found == Type::INT4,
            "int8" => *found == Type::INT8,
            "bool" => *found == Type::BOOL,
            _ => matches!(*found, Type::TEXT | Type::VARCHAR),
        }
    }
}

/// The columns' names, one after the other.
pub(super) fn names() -> String {
    COLUMNS.map(|column| column.name).join(", ")
}

/// What a row's texts take, in bytes as they are in memory: nothing is read to know it.
pub(super) fn bytes() -> String {
    let texts = COLUMNS.iter().filter(|column| column.sql == "text");
    let lengths: Vec<String> = texts.map(|column| format!("coalesce(octet_length({}), 0)", column.name)).collect();
    format!("({})", lengths.join(" + "))
}

type Parameter<'r> = Box<dyn ToSql + Sync + Send + 'r>;

/// One array for each column, for `unnest`.
pub(super) fn insert(rows: &[Intercept]) -> Result<Vec<Parameter<'_>>, StoreError> {
    let text = |get: fn(&Intercept) -> &String| -> Parameter<'_> {
        Box::new(rows.iter().map(|row| get(row).as_str()).collect::<Vec<_>>())
    };
    let nullable = |get: fn(&Own) -> &Option<String>| -> Parameter<'_> {
        Box::new(rows.iter().map(|row| get(&row.own).as_deref()).collect::<Vec<_>>())
    };
    let number = |get: fn(&Own) -> Option<i64>| -> Parameter<'_> {
        Box::new(rows.iter().map(|row| get(&row.own)).collect::<Vec<_>>())
    };
    let ids = rows.iter().map(|row| uuid(&row.id)).collect::<Result<Vec<_>, _>>()?;
    let nullable_ids = |get: fn(&Intercept) -> &Option<String>| -> Result<Parameter<'_>, StoreError> {
        let ids = rows.iter().map(|row| get(row).as_deref().map(uuid).transpose());
        Ok(Box::new(ids.collect::<Result<Vec<Option<Uuid>>, _>>()?))
    };
    Ok(vec![
        Box::new(ids),
        text(|row| &row.agent_id),
        text(|row| &row.action_name),
        text(|row| &row.source_url),
        text(|row| &row.request_payload),
        text(|row| &row.raw_response),
        text(|row| &row.response_hash),
        nullable_ids(|row| &row.call_ref)?,
        Box::new(rows.iter().map(|row| system_time(row.created_us)).collect::<Vec<SystemTime>>()),
        nullable(|own| &own.kind),
        nullable(|own| &own.run_id),
        nullable(|own| &own.tool_call_id),
        nullable_ids(|row| &row.own.parent)?,
        nullable(|own| &own.method),
        Box::new(rows.iter().map(|row| row.own.status).collect::<Vec<_>>()),
        nullable(|own| &own.http_version),
        nullable(|own| &own.outcome),
        nullable(|own| &own.error),
        nullable(|own| &own.context),
        Box::new(rows.iter().map(|row| row.own.truncated).collect::<Vec<_>>()),
        nullable(|own| &own.redacted),
        nullable(|own| &own.request_headers),
        nullable(|own| &own.response_headers),
        number(|own| own.started_us),
        number(|own| own.first_byte_us),
        number(|own| own.ended_us),
        number(|own| own.body_length),
    ])
}

/// A row that was selected by [`names`].
pub(super) fn read(row: &Row) -> Result<Intercept, StoreError> {
    let id = |at: usize| -> Result<Option<String>, StoreError> {
        Ok(row.try_get::<_, Option<Uuid>>(at)?.map(|id| id.to_string()))
    };
    Ok(Intercept {
        id: row.try_get::<_, Uuid>(0)?.to_string(),
        agent_id: row.try_get(1)?,
        action_name: row.try_get(2)?,
        source_url: row.try_get(3)?,
        request_payload: row.try_get(4)?,
        raw_response: row.try_get(5)?,
        response_hash: row.try_get(6)?,
        call_ref: id(7)?,
        created_us: row.try_get::<_, Timestamp>(8)?.0,
        own: Own {
            kind: row.try_get(9)?,
            run_id: row.try_get(10)?,
            tool_call_id: row.try_get(11)?,
            parent: id(12)?,
            method: row.try_get(13)?,
            status: row.try_get(14)?,
            http_version: row.try_get(15)?,
            outcome: row.try_get(16)?,
            error: row.try_get(17)?,
            context: row.try_get(18)?,
            truncated: row.try_get(19)?,
            redacted: row.try_get(20)?,
            request_headers: row.try_get(21)?,
            response_headers: row.try_get(22)?,
            started_us: row.try_get(23)?,
            first_byte_us: row.try_get(24)?,
            ended_us: row.try_get(25)?,
            body_length: row.try_get(26)?,
        },
    })
}

fn uuid(text: &str) -> Result<Uuid, StoreError> {
    Uuid::try_parse(text).map_err(|_| StoreError::Io("a row's id is no UUID".into()))
}
