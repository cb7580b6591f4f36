//! The tables that other SDKs share (PROTOCOL.md, "Rows"), and what we add to them.
//!
//! Each statement stands alone and is only sent where something is missing: a client that may read and write but not
//! change tables needs no more rights than that, and no start waits for a lock. Nothing here is more than CockroachDB, Citus
//! and YugabyteDB offer.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio_postgres::{Row, error::SqlState, types::Type};

use super::column::{COLUMNS, OURS};
use crate::StoreError;

/// How often a statement is tried that another client's may have come between.
const ATTEMPTS: u32 = 20;
/// How long making an index may take.
pub(super) const MAKING: Duration = Duration::from_mins(15);

/// The table of rows as SQLAlchemy creates it for the Python SDK, and ours beside it, which says whose the hints are.
const TABLES: [(&str, &str); 2] = [
    (
        "intercepts",
        "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), agent_id varchar(255) NOT NULL, action_name varchar(255) NOT NULL,
         source_url text NOT NULL, request_payload text NOT NULL DEFAULT '{}', raw_response text NOT NULL,
         response_hash varchar(64) NOT NULL, call_ref uuid, created_at timestamp NOT NULL DEFAULT now()",
    ),
    ("vouchsafe_hints", "slot int4 PRIMARY KEY, log text NOT NULL, size int8 NOT NULL, root bytea NOT NULL"),
];

/// Index and what of `intercepts` it is over. The last two are ours: which rows have no leaf yet, and which a call has.
const INDEXES: [(&str, &str); 3] = [
    ("ix_intercepts_agent_action", "(agent_id, action_name)"),
    ("ix_intercepts_call_ref", "(call_ref)"),
    ("ix_intercepts_no_leaf", "(created_at, id) WHERE leaf_index IS NULL"),
];

/// Makes what is missing in a schema; in the first one of the search path where none is named.
pub(super) async fn ensure(client: &Object, schema: Option<&str>) -> Result<(), StoreError> {
    let prefix = &prefix(schema);
    let known = "SELECT tablename::text, indexname::text FROM pg_indexes WHERE schemaname = coalesce($1, current_schema()::text)";
    let found: Vec<(String, String)> =
        client.query(known, &[&schema]).await?.iter().map(names).collect::<Result<_, _>>()?;
    for (table, columns) in TABLES {
        // Each has its primary key's index.
        if !found.iter().any(|(known, _)| known == table) {
            run(client, &format!("CREATE TABLE IF NOT EXISTS {prefix}{table} ({columns})")).await?;
        }
    }
    add_columns(client, prefix).await?;
    for (index, over) in INDEXES {
        if !found.iter().any(|(_, known)| known == index) {
            run(client, &format!("CREATE INDEX IF NOT EXISTS {index} ON {prefix}intercepts {over}")).await?;
        }
    }
    Ok(())
}

fn names(row: &Row) -> Result<(String, String), tokio_postgres::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// A schema's name as it stands before a table's.
pub(super) fn prefix(schema: Option<&str>) -> String {
    schema.map_or_else(String::new, |schema| format!("{}.", quoted(schema)))
}

/// A name that may hold anything.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn add_columns(client: &Object, prefix: &str) -> Result<(), StoreError> {
    let found = columns(client, prefix).await?;
    // Tables of an older Python SDK know no call_ref.
    let added = COLUMNS[OURS..].iter().chain(COLUMNS.iter().filter(|column| column.name == "call_ref"));
    let missing: Vec<String> = added
        .map(|column| (column.name, column.sql))
        .chain([("leaf_index", "int8")])
        .filter(|(name, _)| !found.iter().any(|(found, _)| found == name))
        .map(|(name, sql)| format!("ADD COLUMN IF NOT EXISTS {name} {sql}"))
        .collect();
    if !missing.is_empty() {
        run(client, &format!("ALTER TABLE {prefix}intercepts {}", missing.join(", "))).await?;
    }
    let found = columns(client, prefix).await?;
    for column in &COLUMNS {
        let (name, sql) = (column.name, column.sql);
        match found.iter().find(|(found, _)| found == name) {
            Some((_, found)) if column.fits(found) => {}
            Some((_, found)) => {
                let why = format!("column {name} of {prefix}intercepts is of type {found}, and has to be {sql}");
                return Err(StoreError::Refused(why));
            }
            None => return Err(StoreError::Refused(format!("{prefix}intercepts has no column {name}"))),
        }
    }
    Ok(())
}

/// The names and types of the table's columns, in its own order.
pub(super) async fn columns(client: &Object, prefix: &str) -> Result<Vec<(String, Type)>, StoreError> {
    // Not from the cache of statements: it may be older than the table's newest column.
    let statement = client.prepare(&format!("SELECT * FROM {prefix}intercepts WHERE false")).await?;
    Ok(statement.columns().iter().map(|column| (column.name().to_owned(), column.type_().clone())).collect())
}

/// Whether a policy decides which rows of the table this role sees.
pub(super) async fn hides_rows(client: &Object, table: &str) -> Result<bool, StoreError> {
    match client.query_one("SELECT coalesce(row_security_active(to_regclass($1)), false)", &[&table]).await {
        Ok(row) => Ok(row.try_get(0)?),
        // Others that speak Postgres' protocol may have no such thing.
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_FUNCTION) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Runs a statement that makes something where it is missing: on a large table that takes its time, but it waits only
/// shortly for locks, since the table's writers queue up behind it.
pub(super) async fn run(client: &Object, statement: &str) -> Result<(), StoreError> {
    let seconds = MAKING.as_secs();
    let patient = format!("SET LOCAL statement_timeout = '{seconds}s'; SET LOCAL lock_timeout = '2s'; {statement}");
    for attempt in 1.. {
        match client.batch_execute(&patient).await {
            Ok(()) => break,
            // Of two that make the same thing at once, IF NOT EXISTS lets one fail; a moment later it is there.
            Err(error) if attempt < ATTEMPTS && error.code().is_some_and(came_between) => {
                tokio::time::sleep(Duration::from_millis(u64::from(10 * attempt))).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn came_between(code: &SqlState) -> bool {
    [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
        SqlState::DUPLICATE_COLUMN,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::LOCK_NOT_AVAILABLE,
    ]
    .contains(code)
}
