//! How the Merkle tree hashes: RFC 9162 §2.1.1 over SHA-256.

use vouchsafe_core::hash::{Hash, sha256};

/// Root of the tree without leaves: SHA-256 of the empty string.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Hash of a leaf: SHA-256(0x00 ‖ data).
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0], data])
}

/// Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The size of the left subtree in a tree of `size` leaves: the largest power of two below `size`, which is at least 2.
pub(crate) fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The root of a tree that was `begin` leaves large, of whose complete subtrees, largest first, `frontier` is the
/// list, and to which leaves with these hashes are appended.
pub(crate) fn extended_root(begin: u64, frontier: &[Hash], leaf_hashes: impl IntoIterator<Item = Hash>) -> Hash {
    let mut subtrees = frontier.to_vec();
    for (size, leaf_hash) in (begin..).zip(leaf_hashes) {
        // Every trailing one bit of the size is a complete subtree that this leaf completes to one twice as large.
        let completed = subtrees.split_off(subtrees.len() - size.trailing_ones() as usize);
        subtrees.push(completed.iter().rev().fold(leaf_hash, |right, left| node_hash(left, &right)));
    }
    subtrees.into_iter().rev().reduce(|right, left| node_hash(&left, &right)).unwrap_or(EMPTY_ROOT)
}
