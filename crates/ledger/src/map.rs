//! The map from query keys to rows: a Merkle Patricia tree over fixed-size keys, as torchwood's `mpt` hashes it.
//!
//! - `hash`: the hashes of its nodes
//! - `value`: what a key maps to
//! - `proof`: that a key has a value, or none

mod hash;
mod proof;
mod value;

pub use hash::{bit, inner_hash, leaf_hash, parting_bit};
pub use proof::{MapProof, MapProofError, OtherLeaf};
pub use value::MapValue;
