//! The tamper-evident log: one RFC 6962 / SHA-256 Merkle tree per store, in the C2SP formats. Pure functions over a
//! storage trait; no I/O, no clock.
//!
//! From the bottom up:
//! - `tree`, `frontier`, `verify`: hashing, appending, and checking proofs;
//! - `tile`, `hashed_tile`, `log`, `cached`, `appender`: the log as tiles, read, cached, and appended to;
//! - `leaf`: what the leaves are;
//! - `map`: which rows answer a query: the tree that every seal commits to;
//! - `key`, `note`, `checkpoint`: the signed state of a log;
//! - `proof_file`, `bundle`: what is handed to others;
//! - `encoding`: the text forms that these share.

mod appender;
mod bundle;
mod cached;
mod checkpoint;
mod encoding;
mod frontier;
mod hashed_tile;
mod key;
mod leaf;
pub mod log;
pub mod map;
pub mod note;
mod proof_file;
pub mod tile;
mod tree;
mod verify;

pub use appender::Appender;
pub use bundle::{
    Bundle, BundleError, BundleRow, CheckedBundle, CheckedRow, DisclosedField, DisclosedFields, MapAnswer, MapLeaf,
    OpenedBundle, Scan, SealProof,
};
pub use cached::{CachedTiles, TileCache};
pub use checkpoint::Checkpoint;
pub use frontier::Frontier;
pub use hashed_tile::HashedTile;
pub use key::{KeyError, SigningKey, VerifierKey};
pub use leaf::{EMPTY_MAP_ROOT, LeafError, RowLeaf, Seal};
pub use log::{LogError, TileStore};
pub use note::NoteError;
pub use proof_file::{ProofFile, ProofFileError};
pub use tree::{EMPTY_ROOT, leaf_hash, node_hash};
pub use verify::{ProofError, verify_consistency, verify_inclusion};
