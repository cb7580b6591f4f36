//! SHA-256, the only hash of the formats in this crate.

use sha2::{Digest, Sha256};

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hex digits wherever it is text.
pub type Hash = [u8; 32];

/// SHA-256 over the parts, one after the other, with nothing between them.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
