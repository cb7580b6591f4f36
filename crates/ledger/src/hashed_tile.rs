//! A tile together with the inner nodes that follow from it.

use vouchsafe_core::hash::Hash;

use crate::tile::{FULL_BYTES, HASH_BYTES, HEIGHT};
use crate::tree::node_hash;

/// A tile with every complete subtree inside it already hashed, so that a node is looked up, not computed.
#[derive(Debug)]
pub struct HashedTile {
    /// Row by row from the bottom: `width` hashes, `width / 2` nodes above them, and so on for [`HEIGHT`] rows.
    nodes: Vec<Hash>,
    width: usize,
}

impl HashedTile {
    /// Hashes a stored blob; `None` unless it holds 1 to 256 whole hashes.
    pub(crate) fn new(blob: &[u8]) -> Option<Self> {
        let (hashes, rest) = blob.as_chunks::<HASH_BYTES>();
        if hashes.is_empty() || !rest.is_empty() || blob.len() > FULL_BYTES {
            return None;
        }
        let width = hashes.len();
        let mut nodes = Vec::with_capacity(2 * width);
        nodes.extend_from_slice(hashes);
        let mut below = 0;
        for height in 1..HEIGHT {
            let start = nodes.len();
            for pair in 0..width >> height {
                let left = below + 2 * pair;
                nodes.push(node_hash(&nodes[left], &nodes[left + 1]));
            }
            below = start;
        }
        Some(Self { nodes, width })
    }

    /// How many hashes the blob held.
    pub(crate) fn width(&self) -> u64 {
        self.width as u64
    }

    /// The node `index` at `height` (0 to 7) above the tile's hashes.
    pub(crate) fn node(&self, height: u32, index: usize) -> Hash {
        let start: usize = (0..height).map(|below| self.width >> below).sum();
        self.nodes[start + index]
    }

    /// Memory that the hashes take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.nodes.len() * HASH_BYTES
    }
}
