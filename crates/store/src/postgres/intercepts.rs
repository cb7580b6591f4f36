//! The table `intercepts`: inserting, finding and reading rows.

use std::sync::Arc;

use serde_json::Value;
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use uuid::Uuid;
use vouchsafe_core::{
    exchange::PADDING,
    intercept::{Intercept, Own},
};

use super::{
    HintsOf, Postgres, column,
    connect::query,
    schema::{self, quoted},
};
use crate::StoreError;

/// So many rows go into one statement, if they hold no more bytes than [`GROUP_BYTES`].
const GROUP_ROWS: usize = 500;
/// In bytes of payloads and responses.
const GROUP_BYTES: usize = 4 << 20;
/// As many bytes of payloads and responses are read at once.
pub(super) const READ_BYTES: usize = 64 << 20;
/// As many bytes one answer has.
const ANSWER_BYTES: usize = 32 << 20;

/// The table in one schema of a database, whoever made it.
#[derive(Debug, Clone)]
pub struct Intercepts {
    pub(super) postgres: Postgres,
    schema: Option<Arc<str>>,
    pub(super) sql: Arc<Sql>,
}

/// Rows with all columns of the table, also those that nobody here knows.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedRows {
    /// The columns' names, in the table's order.
    pub columns: Vec<String>,
    /// Id and values of each row, in no order: numbers and truth values as such, all else as Postgres' text for it.
    pub rows: Vec<(String, Vec<Value>)>,
}

/// Rows without a leaf hint, and whose hints the others are of, as of one moment.
#[derive(Debug)]
pub struct Uncommitted {
    /// The oldest ones, by `created_at` and id, padding left out.
    pub rows: Vec<Intercept>,
    /// Whether there were no others.
    pub is_all: bool,
    /// The log that the hints are of; none where no log has taken the table yet.
    pub hints_of: Option<HintsOf>,
}

/// The rows of some ids as they are now.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that are there, in no order.
    pub rows: Vec<Intercept>,
    /// The ids of those that are there and were not read, since the ones before them are as much as is read at once.
    pub left_out: Vec<String>,
}

/// The statements, which are prepared once a connection.
#[derive(Debug)]
pub(super) struct Sql {
    pub prefix: String,
    insert: String,
    uncommitted: String,
    /// The rows alone, and those behind a time and an id.
    pub uncommitted_first: String,
    pub uncommitted_behind: String,
    any: String,
    by_id: String,
    by_ids: String,
    known: String,
    pub hints_of: String,
    pub hint: String,
}

impl Sql {
    fn new(schema: Option<&str>) -> Self {
        let prefix = schema::prefix(schema);
        let table = format!("{prefix}intercepts");
        let hints = format!("{prefix}vouchsafe_hints");
        let names = column::names();
        let arrays: Vec<String> =
            column::COLUMNS.iter().enumerate().map(|(at, column)| format!("${}::{}[]", at + 1, column.sql)).collect();
        let no_leaf =
            format!("leaf_index IS NULL AND NOT (agent_id = '{}' AND action_name = '{}')", PADDING.0, PADDING.1);
        let bytes = column::bytes();
        let oldest = |behind: &str| {
            format!(
                "SELECT {names} FROM (
                   SELECT {names}, sum({bytes}) OVER (ORDER BY created_at, id ROWS UNBOUNDED PRECEDING) - {bytes} AS before
                   FROM {table} WHERE {no_leaf} {behind} ORDER BY created_at, id LIMIT $1
                 ) AS oldest WHERE before < {READ_BYTES}"
            )
        };
        let hints_of = format!("SELECT log, size, root FROM {hints} WHERE slot = 1");
        Self {
            insert: format!(
                "INSERT INTO {table} ({names}) SELECT * FROM unnest({}) ON CONFLICT (id) DO NOTHING RETURNING 1",
                arrays.join(", ")
            ),
            // One statement is one snapshot; where there is no row the owner of the hints is still said.
            uncommitted: format!(
                "SELECT {names}, log, size, root FROM (SELECT 1) AS one LEFT JOIN ({hints_of}) AS hints ON true
                 LEFT JOIN ({}) AS new ON true ORDER BY created_at, id",
                oldest("")
            ),
            uncommitted_first: format!("{} ORDER BY created_at, id", oldest("")),
            uncommitted_behind: format!("{} ORDER BY created_at, id", oldest("AND (created_at, id) > ($2, $3)")),
            any: format!(
                "SELECT EXISTS (SELECT 1 FROM {table} WHERE {no_leaf}), log, size, root
                 FROM (SELECT 1) AS one LEFT JOIN ({hints_of}) AS hints ON true"
            ),
            by_id: format!("SELECT {names} FROM {table} WHERE id = ANY($1) AND {bytes} <= {ANSWER_BYTES}"),
            by_ids: format!(
                "SELECT {names} FROM (
                   SELECT {names}, sum({bytes}) OVER (ORDER BY n ROWS UNBOUNDED PRECEDING) AS so_far
                   FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (asked_id, n) JOIN {table} ON id = asked_id
                 ) AS first WHERE so_far <= {ANSWER_BYTES}"
            ),
            known: format!("SELECT id FROM {table} WHERE id = ANY($1)"),
            hint: format!(
                "WITH owned AS (
                   UPDATE {hints} SET size = $6, root = $7 WHERE slot = 1 AND log = $3 AND size = $4 AND root = $5
                   RETURNING 1
                 ), hinted AS (
                   UPDATE {table} SET leaf_index = hint.leaf FROM unnest($1::uuid[], $2::int8[]) AS hint (row_id, leaf)
                   WHERE id = hint.row_id AND leaf_index IS NULL AND EXISTS (SELECT 1 FROM owned)
                   RETURNING leaf_index
                 )
                 SELECT EXISTS (SELECT 1 FROM owned), EXISTS (SELECT 1 FROM hinted WHERE leaf_index IS NULL)"
            ),
            hints_of,
            prefix,
        }
    }
}

impl Intercepts {
    /// The table in `schema`, or in the first schema of the search path that has it; nothing is looked up yet.
    #[must_use]
    pub fn open(postgres: Postgres, schema: Option<&str>) -> Self {
        Self { postgres, schema: schema.map(Into::into), sql: Arc::new(Sql::new(schema)) }
    }

    /// Makes the tables that are missing and adds our columns to those that others made.
    pub async fn ensure(&self) -> Result<(), StoreError> {
        self.postgres
            .with_for(2 * schema::MAKING, async |client| schema::ensure(client, self.schema.as_deref()).await)
            .await
    }

    /// Inserts rows in order, in groups of one statement each, and returns how many were new: an id that is there already
    /// stays as it is. After an error some groups may be in; to insert all again is safe.
    pub async fn insert(&self, rows: &[Intercept]) -> Result<u64, StoreError> {
        let mut inserted = 0;
        let mut rest = rows;
        while !rest.is_empty() {
            let (group, after) = rest.split_at(group_length(rest));
            let parameters = column::insert(group)?;
            let parameters: Vec<&(dyn ToSql + Sync)> =
                parameters.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync)).collect();
            inserted += self.postgres.query(&self.sql.insert, &parameters).await?.len() as u64;
            rest = after;
        }
        Ok(inserted)
    }

    /// The rows without a leaf hint that are visible now: at most `limit`, and no more once they hold 64 MiB.
    pub async fn uncommitted(&self, limit: u32) -> Result<Uncommitted, StoreError> {
        let found = self.postgres.query(&self.sql.uncommitted, &[&i64::from(limit)]).await?;
        let hints_of = found.first().map(|row| HintsOf::read(row, column::COLUMNS.len())).transpose()?.flatten();
        let has_id = |row: &&Row| row.try_get::<_, Option<Uuid>>(0).map_or(true, |id| id.is_some());
        let rows: Vec<Intercept> = found.iter().filter(has_id).map(column::read).collect::<Result<_, _>>()?;
        let is_all = rows.len() < limit as usize && bytes(&rows) < READ_BYTES / 2;
        Ok(Uncommitted { rows, is_all, hints_of })
    }

    /// Whether there is a row that [`Self::uncommitted`] would give.
    pub async fn has_uncommitted(&self) -> Result<bool, StoreError> {
        Ok(self.state().await?.0)
    }

    /// The same, and the log that the hints are of.
    pub async fn state(&self) -> Result<(bool, Option<HintsOf>), StoreError> {
        let rows = self.postgres.query(&self.sql.any, &[]).await?;
        let row = rows.first().ok_or_else(|| StoreError::Corrupt("the database says nothing".into()))?;
        Ok((row.try_get(0)?, HintsOf::read(row, 1)?))
    }

    /// The rows with these ids as they are now, mostly in one round trip; an id that is not there, or is no UUID, has none.
    /// No more than the first ones that hold 32 MiB together are read.
    pub async fn by_ids(&self, ids: &[String]) -> Result<Found, StoreError> {
        let ids = uuids(ids);
        let sql = if ids.len() == 1 { &self.sql.by_id } else { &self.sql.by_ids };
        let rows = self.postgres.query_shared(sql, &[&ids]).await?;
        let rows: Vec<Intercept> = rows.iter().map(column::read).collect::<Result<_, _>>()?;
        let missing: Vec<Uuid> =
            ids.into_iter().filter(|id| !rows.iter().any(|row| row.id == id.to_string())).collect();
        let mut left_out = Vec::new();
        if !missing.is_empty() {
            for row in self.postgres.query_shared(&self.sql.known, &[&missing]).await? {
                left_out.push(row.try_get::<_, Uuid>(0)?.to_string());
            }
        }
        Ok(Found { rows, left_out })
    }

    /// The names of the table's columns, in its own order, as `SELECT *` has them now.
    pub async fn columns(&self) -> Result<Vec<String>, StoreError> {
        let columns = self.postgres.with(async |client| schema::columns(client, &self.sql.prefix).await).await?;
        Ok(columns.into_iter().map(|(name, _)| name).collect())
    }

    /// The rows with these ids as `SELECT *` has them.
    pub async fn select_rows(&self, ids: &[String]) -> Result<SelectedRows, StoreError> {
        let (columns, rows) = self
            .postgres
            .with(async |client| {
                let columns = schema::columns(client, &self.sql.prefix).await?;
                let texts: Vec<String> = columns.iter().map(|(name, _)| format!("{}::text", quoted(name))).collect();
                let (texts, prefix) = (texts.join(", "), &self.sql.prefix);
                let sql = format!("SELECT id::text, {texts} FROM {prefix}intercepts WHERE id = ANY($1)");
                let rows = query(client, &sql, &[&uuids(ids)]).await?;
                Ok((columns, rows))
            })
            .await?;
        let rows =
            rows.iter().map(|row| Ok((row.try_get(0)?, values(row, &columns)?))).collect::<Result<_, StoreError>>()?;
        Ok(SelectedRows { columns: columns.into_iter().map(|(name, _)| name).collect(), rows })
    }
}

/// The texts behind the first one, as JSON.
fn values(row: &Row, columns: &[(String, Type)]) -> Result<Vec<Value>, StoreError> {
    let value = |text: Option<String>, kind: &Type| match text {
        None => Value::Null,
        Some(text) => match *kind {
            Type::BOOL => Value::Bool(text == "true"),
            Type::INT2 | Type::INT4 | Type::INT8 => text.parse::<i64>().map_or(Value::String(text), Value::from),
            _ => Value::String(text),
        },
    };
    columns.iter().enumerate().map(|(at, (_, kind))| Ok(value(row.try_get(at + 1)?, kind))).collect()
}

fn uuids(ids: &[String]) -> Vec<Uuid> {
    ids.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect()
}

/// What rows hold, in bytes.
fn bytes(rows: &[Intercept]) -> usize {
    let own = |own: &Own| {
        let Own { kind, run_id, tool_call_id, method, http_version, outcome, error, context, redacted, .. } = own;
        let Own { request_headers, response_headers, .. } = own;
        let texts = [kind, run_id, tool_call_id, method, http_version, outcome, error, context, redacted];
        texts.into_iter().chain([request_headers, response_headers]).flatten().map(String::len).sum::<usize>()
    };
    let texts = |row: &Intercept| {
        let texts = [&row.agent_id, &row.action_name, &row.source_url, &row.request_payload, &row.raw_response];
        texts.map(String::len).iter().sum::<usize>() + row.response_hash.len() + own(&row.own)
    };
    rows.iter().map(texts).sum()
}

/// How many of the rows make one statement.
fn group_length(rows: &[Intercept]) -> usize {
    let mut bytes = 0;
    let fits = rows.iter().take(GROUP_ROWS).take_while(|row| {
        bytes += row.request_payload.len() + row.raw_response.len();
        bytes <= GROUP_BYTES
    });
    fits.count().max(1)
}
