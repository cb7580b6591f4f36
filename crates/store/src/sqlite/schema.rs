//! Tables, made and changed by numbered migrations.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::StoreError;

/// The format of what is in the tables (`meta.format`). 0 had no map of answers, which its seals deny for good: there is
/// no migration from it.
pub const FORMAT: u32 = 1;

/// `row_seq` is both the row's number in the log and SQLite's rowid: rows are numbered densely from 0 in the order in
/// which they become durable, so that "has no leaf yet" is a range and no row is ever written twice. Bodies come last,
/// because reading a column of a long row means walking over what stands before it.
const FIRST: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('format', '1');

CREATE TABLE intercepts (
  row_seq INTEGER PRIMARY KEY,
  row_hash BLOB NOT NULL,
  id TEXT NOT NULL,
  schema INTEGER NOT NULL,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  run_id TEXT,
  agent_id TEXT NOT NULL,
  action_name TEXT NOT NULL,
  call_ref TEXT,
  tool_call_id TEXT,
  parent TEXT,
  method TEXT,
  status INTEGER,
  http_version TEXT,
  outcome TEXT,
  error TEXT,
  context TEXT,
  truncated INTEGER NOT NULL,
  redacted TEXT NOT NULL,
  started_us INTEGER NOT NULL,
  first_byte_us INTEGER,
  ended_us INTEGER NOT NULL,
  body_length INTEGER,
  c_url BLOB,
  c_request_headers BLOB,
  c_response_headers BLOB,
  c_request BLOB,
  c_response BLOB,
  c_wire BLOB,
  url BLOB,
  request_headers BLOB,
  response_headers BLOB,
  request BLOB,
  response BLOB
) STRICT;
CREATE UNIQUE INDEX intercepts_id ON intercepts (id);
CREATE INDEX intercepts_action ON intercepts (agent_id, action_name, run_id);
CREATE INDEX intercepts_agent ON intercepts (agent_id, run_id);
CREATE INDEX intercepts_call ON intercepts (call_ref) WHERE call_ref IS NOT NULL;
CREATE INDEX intercepts_tool_call ON intercepts (tool_call_id) WHERE tool_call_id IS NOT NULL;
CREATE INDEX intercepts_gap ON intercepts (ended_us) WHERE kind = 'gap';

CREATE TABLE row_keys (row_seq INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;

CREATE TABLE leaves (leaf_index INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
CREATE TABLE tiles (level INTEGER NOT NULL, n INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, n)) STRICT;
CREATE TABLE map_pages (page INTEGER PRIMARY KEY, nodes BLOB NOT NULL) STRICT;
CREATE TABLE commits (
  size INTEGER PRIMARY KEY,
  first_index INTEGER NOT NULL,
  first_row_seq INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  root BLOB NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX commits_rows ON commits (first_row_seq);

CREATE TABLE coverage (id INTEGER PRIMARY KEY, since_us INTEGER NOT NULL, until_us INTEGER NOT NULL, channels TEXT NOT NULL) STRICT;

CREATE TABLE traces (
  id TEXT PRIMARY KEY, run_id TEXT, task TEXT, answer TEXT, outcome TEXT NOT NULL, created_us INTEGER NOT NULL
) STRICT;
CREATE TABLE trace_intercepts (
  trace_id TEXT NOT NULL REFERENCES traces (id),
  position INTEGER NOT NULL,
  intercept_id TEXT,
  query_id TEXT,
  claim TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (trace_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX trace_intercepts_intercept ON trace_intercepts (intercept_id) WHERE intercept_id IS NOT NULL;
";

/// Brings the tables up to date, and refuses a store that another version has written.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let migrations = Migrations::new(vec![M::up(FIRST)]);
    migrations.to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        rusqlite_migration::Error::MigrationDefinition(
            rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
        ) => StoreError::Version { found: "of a later version".into(), known: FORMAT },
        other => StoreError::Io(other.to_string()),
    })?;
    let unknown = |why: rusqlite::Error| match why {
        rusqlite::Error::QueryReturnedNoRows => StoreError::Corrupt("it does not say its format".into()),
        other => other.into(),
    };
    let format: String =
        connection.query_row("SELECT value FROM meta WHERE key = 'format'", [], |row| row.get(0)).map_err(unknown)?;
    if format == FORMAT.to_string() { Ok(()) } else { Err(StoreError::Version { found: format, known: FORMAT }) }
}
