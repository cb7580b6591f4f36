//! What answers queries with proofs: the [`Backend`] trait and the embedded one.
//!
//! - `ask`: what somebody may ask of a table
//! - `sql`: that question as SQL text
//! - `backend`: the trait and what goes through it
//! - `error`: why a backend could not answer
//! - `embedded`: the ledger over this process's own store
//! - `table`: the ledger over a Postgres table that somebody else can write to
//! - `remote`: a server that answers over HTTP
//! - `polling`: when to ask a backend whether something is done
//! - `archive`: a whole log, for other programs and to be audited

pub mod archive;
mod ask;
mod backend;
mod embedded;
mod error;
pub mod polling;
mod remote;
pub mod sql;
mod table;

pub use ask::Ask;
pub use backend::{Answer, At, Backend, BoxFuture, Fetched, QueryRecord, Seen, Snapshot, Told, Traffic};
pub use embedded::{Embedded, EmbeddedOptions, Ledger, PinError, read_key};
pub use error::BackendError;
pub use remote::{Auth, Completions, Outbox, Remote, RemoteOptions, TokenSource};
pub use table::{Fault, TableAnswer, TableBackend, TableOptions, TableRow};
