//! Proofs that a key of the map has a value, or that it has none.

use vouchsafe_core::hash::Hash;

use super::hash::{bit, inner_hash, leaf_hash};
use crate::leaf::EMPTY_MAP_ROOT;

/// The proof of one key, present or absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MapProof {
    /// The key's value; `None` claims that the key is absent.
    pub value: Option<Vec<u8>>,
    /// From the leaf up: the bit at which two sides part, and the hash of the other side. The bits fall strictly.
    pub path: Vec<(u8, Hash)>,
    /// For an absent key the leaf that its lookup reaches; none in an empty map.
    pub other: Option<OtherLeaf>,
}

/// A leaf of the map that is another key's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherLeaf {
    /// The key.
    pub key: Hash,
    /// Its value.
    pub value: Vec<u8>,
}

/// Why a proof does not show what it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MapProofError {
    /// Not of the form that any proof has; says nothing about the map.
    #[error("{0}")]
    Malformed(&'static str),
    /// It leads to another root.
    #[error("it does not lead to the map's root")]
    RootMismatch,
}

impl MapProof {
    /// Checks that under this root the key has the value that the proof names, or has none if it names none.
    pub fn verify(&self, root: &Hash, key: &Hash) -> Result<(), MapProofError> {
        if !self.path.is_sorted_by(|(lower, _), (upper, _)| lower > upper) {
            return Err(MapProofError::Malformed("the bits of the path do not fall"));
        }
        let leaf = match (&self.value, &self.other) {
            (Some(value), None) => leaf_hash(key, value),
            (None, Some(other)) => {
                if other.key == *key {
                    return Err(MapProofError::Malformed("the other leaf is the key's own"));
                }
                // Where they part before the path's last step, the lookup of the key would have gone elsewhere.
                if self.path.iter().any(|(index, _)| bit(&other.key, *index) != bit(key, *index)) {
                    return Err(MapProofError::Malformed("the lookup does not reach the other leaf"));
                }
                leaf_hash(&other.key, &other.value)
            }
            (None, None) if self.path.is_empty() => EMPTY_MAP_ROOT,
            (None, None) => return Err(MapProofError::Malformed("a path that begins at no leaf")),
            (Some(_), Some(_)) => return Err(MapProofError::Malformed("both a value and another leaf")),
        };
        let reached = self.path.iter().fold(leaf, |node, (index, sibling)| {
            if bit(key, *index) { inner_hash(*index, sibling, &node) } else { inner_hash(*index, &node, sibling) }
        });
        if reached == *root { Ok(()) } else { Err(MapProofError::RootMismatch) }
    }
}
