//! A whole log, read without the signing key and without trust in the store: for other programs, and to be audited.
//!
//! All of it reads within the snapshot that the given [`Reader`](vouchsafe_store::sqlite::Reader) is in.
//!
//! - `own_key`: the key that the log is signed with, public half only
//! - `tiles`: stored tiles against recomputed ones
//! - `export`: the log as a folder of tlog-tiles
//! - `unfinished`: what an interrupted export leaves
//! - `proof_file`: one row's leaf and its proof, as a file
//! - `audit`: every row, leaf, tile, seal and checkpoint against each other

mod audit;
mod error;
mod export;
mod own_key;
mod proof_file;
mod tiles;
mod unfinished;

pub use audit::{AuditOptions, AuditReport, Finding, FindingCode, Since, audit};
pub use error::ArchiveError;
pub use export::{Exported, check_tree, export};
pub use own_key::own_key;
pub use proof_file::{LeafProof, proof_file};
