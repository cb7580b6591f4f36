//! What answers queries with proofs: the [`Backend`] trait and the embedded one.
//!
//! - `backend`: the trait and what goes through it
//! - `error`: why a backend could not answer
//! - `embedded`: the ledger over this process's own store
//! - `archive`: a whole log, for other programs and to be audited

pub mod archive;
mod backend;
mod embedded;
mod error;

pub use backend::{Answer, At, Backend, BoxFuture, Fetched, QueryRecord, Seen, Snapshot, Told, Traffic};
pub use embedded::{Embedded, EmbeddedOptions, Ledger, PinError, read_key};
pub use error::BackendError;
