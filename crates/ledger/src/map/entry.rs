//! A key of the stored tree with the log of its rows.

use vouchsafe_core::hash::Hash;

use super::{hash::leaf_hash, page::take, value::MapValue};
use crate::{Frontier, tree};

/// A key and its rows, as much as it takes to add one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub key: Hash,
    last_index: u64,
    /// The log of the rows' leaf indices.
    rows: Frontier,
}

impl Entry {
    /// A key with its first row.
    pub fn new(key: Hash, leaf_index: u64) -> Self {
        let mut entry = Self { key, last_index: 0, rows: Frontier::default() };
        entry.push(leaf_index);
        entry
    }

    /// Adds a row; `None` where its leaf does not come after the last one's.
    pub fn add(&mut self, leaf_index: u64) -> Option<()> {
        (leaf_index > self.last_index).then(|| self.push(leaf_index))
    }

    fn push(&mut self, leaf_index: u64) {
        self.rows.push(tree::leaf_hash(&leaf_index.to_be_bytes()));
        self.last_index = leaf_index;
    }

    /// What the key maps to.
    pub fn value(&self) -> MapValue {
        MapValue { count: self.rows.size(), last_index: self.last_index, root: self.rows.root() }
    }

    /// The leaf's hash.
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.key, &self.value().encode())
    }

    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.key);
        bytes.extend(self.rows.size().to_be_bytes());
        bytes.extend(self.last_index.to_be_bytes());
        bytes.extend(self.rows.hashes().as_flattened());
    }

    /// Reads what [`write`](Self::write) writes.
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let key = take(bytes)?;
        let [count, last_index] = [take(bytes)?, take(bytes)?].map(u64::from_be_bytes);
        // Rows have different leaves, so there are no more of them than indices.
        if count == 0 || last_index < count - 1 {
            return None;
        }
        let hashes = (0..count.count_ones()).map(|_| take(bytes)).collect::<Option<Vec<_>>>()?;
        Some(Self { key, last_index, rows: Frontier::new(count, hashes)? })
    }
}
