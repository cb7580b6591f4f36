//! Postgres, or what speaks its protocol: the table that other SDKs share, and a log that many processes write.
//!
//! - `url`: what a URL asks for, as libpq reads it
//! - `tls`: which server certificates are taken
//! - `connect`: the pool of connections
//! - `shared`: connections that many callers use at once
//! - `error`: what the server says, as a store's error
//! - `schema`: the shared tables, and the columns that we add
//! - `intercepts`: the table of rows: inserting, finding, reading
//! - `column`, `timestamp`: a row between its Rust form and its columns
//! - `hints`: which log a table's hints are of
//! - `rest`: more new rows than are read at once, as of one moment
//! - `transaction`: a connection with an open transaction
//! - `documents`: what servers that share a database remember
//! - `ledger`: a log's tables, with one writer at a time

mod column;
mod connect;
mod documents;
mod error;
mod hints;
mod intercepts;
mod ledger;
mod rest;
mod schema;
mod shared;
mod timestamp;
mod tls;
mod transaction;
mod url;

pub use connect::{ConnectOptions, Postgres};
pub use documents::Documents;
pub use hints::{HintsOf, Noted};
pub use intercepts::{Found, Intercepts, SelectedRows, Uncommitted};
pub use ledger::PostgresLedger;
pub use rest::Rest;
