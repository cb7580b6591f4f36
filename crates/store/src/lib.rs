//! Where rows, ledger nodes and traces are kept: an embedded SQLite database in a folder of its own, or Postgres.
//!
//! - `dir`: the data folder and its permissions
//! - `owner`: who has the folder open (`<dir>/owner`)
//! - `ledger`: what a ledger needs of the store that it lives in
//! - `sqlite`: schema, the one write connection, readers
//! - `postgres`: the table that other SDKs share, and a log that many processes write
//! - `writer`: the bounded queue and the thread that commits it in groups
//!
//! The store knows rows, leaves and tiles as bytes; what they mean is the ledger's and the backend's business.

pub mod dir;
mod error;
pub mod ledger;
pub mod owner;
pub mod postgres;
pub mod sqlite;
pub mod writer;

pub use error::StoreError;
