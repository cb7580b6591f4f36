//! The map from query keys to rows: a Merkle Patricia tree over fixed-size keys, as torchwood's `mpt` hashes it.
//!
//! - `hash`: the hashes of its nodes
//! - `value`: what a key maps to
//! - `proof`: that a key has a value, or none
//! - `place`, `page`, `entry`: the tree as it is stored, in pages of a few levels each
//! - `store`, `read`, `edit`: where the pages are kept, reading them, and adding rows

mod edit;
mod entry;
mod hash;
mod page;
mod place;
mod proof;
mod read;
mod store;
mod value;

pub use edit::{MapEditor, MapUpdate};
pub use hash::{bit, inner_hash, leaf_hash, parting_bit};
pub use proof::{MapProof, MapProofError, OtherLeaf};
pub use read::{check, prove, root};
pub use store::{MapError, MapStore};
pub use value::MapValue;
