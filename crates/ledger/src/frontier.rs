//! The right edge of a tree: what it takes to append to a log and to know its root.

use vouchsafe_core::hash::Hash;

use crate::tree::{EMPTY_ROOT, node_hash};

/// The complete subtrees that make up a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// The largest first: one for each bit of `size`.
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a log of `size` leaves; `None` where there is not one hash for each bit of the size.
    #[must_use]
    pub fn new(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        (hashes.len() == size.count_ones() as usize).then_some(Self { size, hashes })
    }

    /// How many leaves the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The complete subtrees' hashes, the largest first.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        let Some((last, larger)) = self.hashes.split_last() else { return EMPTY_ROOT };
        larger.iter().rev().fold(*last, |right, left| node_hash(left, &right))
    }

    /// Appends a leaf, given its [`leaf_hash`](crate::leaf_hash).
    pub fn push(&mut self, leaf_hash: Hash) {
        self.push_with(leaf_hash, |_, _| ());
    }

    /// Appends a leaf and names each subtree that it completes: the height, and the hash.
    pub(crate) fn push_with(&mut self, leaf_hash: Hash, mut completed: impl FnMut(u32, Hash)) {
        let mut hash = leaf_hash;
        completed(0, hash);
        // Every trailing one bit of the size is a complete subtree that this leaf completes to one twice as large.
        for height in 1..=self.size.trailing_ones() {
            let left = self.hashes.pop().expect("the frontier has a subtree for each bit of the size");
            hash = node_hash(&left, &hash);
            completed(height, hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }
}
