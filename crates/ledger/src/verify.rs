//! Checking proofs, with the loops of RFC 9162 §2.1.3.2 and §2.1.4.2.
//!
//! A root does not bind its size: some proofs verify at size ± 1 as well. Take size and root from a signed checkpoint,
//! never from the proof.

use vouchsafe_core::hash::Hash;

use crate::tree::node_hash;

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not below the size, or the old size is zero or above the new one.
    #[error("the proof's position lies outside the tree")]
    OutOfRange,
    /// The proof has more or fewer hashes than its position asks for.
    #[error("the proof has the wrong number of hashes")]
    WrongLength,
    /// The hashes lead to another root.
    #[error("the proof does not lead to the tree's root")]
    RootMismatch,
}

/// Checks that the leaf with this hash stands at `index` in the tree of `size` leaves with this root.
///
/// `proof` begins with the leaf's sibling and ends with a child of the root (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(
    leaf_hash: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf_hash;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            skip_unpaired(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::RootMismatch) }
}

/// Checks that the tree of `size2` leaves extends the tree of `size1` leaves (RFC 9162 §2.1.4.2).
///
/// Consistency from size 0 is refused, whatever the proof: nothing would be proven.
pub fn verify_consistency(
    size1: u64,
    root1: &Hash,
    size2: u64,
    root2: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if size1 == 0 || size1 > size2 {
        return Err(ProofError::OutOfRange);
    }
    if size1 == size2 {
        if !proof.is_empty() {
            return Err(ProofError::WrongLength);
        }
        return if root1 == root2 { Ok(()) } else { Err(ProofError::RootMismatch) };
    }
    // A complete old tree is itself a node of the new one, so its hash is left out of the proof.
    let (start, rest) =
        if size1.is_power_of_two() { (root1, proof) } else { proof.split_first().ok_or(ProofError::WrongLength)? };
    let shift = (size1 - 1).trailing_ones();
    let (mut node, mut last) = ((size1 - 1) >> shift, (size2 - 1) >> shift);
    let (mut hash1, mut hash2) = (*start, *start);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            hash1 = node_hash(sibling, &hash1);
            hash2 = node_hash(sibling, &hash2);
            skip_unpaired(&mut node, &mut last);
        } else {
            hash2 = node_hash(&hash2, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    if hash1 == *root1 && hash2 == *root2 { Ok(()) } else { Err(ProofError::RootMismatch) }
}

/// Climbs past the levels where the right-most node has no sibling and is taken over unchanged.
fn skip_unpaired(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}
