//! Reading a log that is stored as tiles: roots, inclusion proofs, consistency proofs.

use std::sync::Arc;

use vouchsafe_core::hash::Hash;

use crate::frontier::Frontier;
use crate::hashed_tile::HashedTile;
use crate::tile::{self, HEIGHT, WIDTH};
use crate::tree::{EMPTY_ROOT, node_hash, split};

/// Where the tiles of one log are kept.
pub trait TileStore {
    /// What can go wrong while reading.
    type Error;

    /// The stored bytes of a tile, 1 to 256 hashes of 32 bytes, or `None` where there is none.
    ///
    /// The blob may hold more than an older size needs: a tile only ever grows at its end.
    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, Self::Error>;

    /// The same tile with its inner nodes hashed, of which at least the first `width` hashes are needed; `None` where
    /// there is none or its bytes are no tile. A cache answers this one without hashing.
    fn hashed_tile(&self, level: u8, n: u64, _width: u64) -> Result<Option<Arc<HashedTile>>, Self::Error> {
        Ok(self.tile(level, n)?.and_then(|blob| HashedTile::new(&blob)).map(Arc::new))
    }
}

/// Why a log cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogError<E> {
    /// The store failed.
    #[error("the tile store failed: {0}")]
    Store(E),
    /// A tile that the log's size calls for is missing, shorter than it should be, or no tile.
    #[error("tile {} is missing or damaged", tile::path(*.level, *.n, *.width))]
    MissingTile {
        /// The tile's level.
        level: u8,
        /// The tile's number.
        n: u64,
        /// How many hashes it has to hold.
        width: u64,
    },
    /// The index is not below the size, or the old size is zero or above the new one.
    #[error("the position lies outside the log")]
    OutOfRange,
}

/// The root of the log's first `size` leaves.
pub fn root<S: TileStore>(store: &S, size: u64) -> Result<Hash, LogError<S::Error>> {
    if size == 0 { Ok(EMPTY_ROOT) } else { Reader::new(store, size).subtree(0, size) }
}

/// The complete subtrees that make up the log's first `size` leaves.
pub fn frontier<S: TileStore>(store: &S, size: u64) -> Result<Frontier, LogError<S::Error>> {
    let mut reader = Reader::new(store, size);
    let heights = (0..u64::BITS).rev().filter(|bit| size >> bit & 1 == 1);
    let hashes = heights.map(|height| reader.node(height, (size >> height) - 1)).collect::<Result<_, _>>()?;
    Ok(Frontier::new(size, hashes).expect("a hash for each bit of the size"))
}

/// The hash of the leaf at `index`.
pub fn leaf_hash_at<S: TileStore>(store: &S, index: u64) -> Result<Hash, LogError<S::Error>> {
    let size = index.checked_add(1).ok_or(LogError::OutOfRange)?;
    Reader::new(store, size).node(0, index)
}

/// The proof that the leaf at `index` is among the first `size`: the leaf's sibling first, a child of the root last.
///
/// Reads one tile per level on the way up from the leaf and at most one per level of the log's right edge.
pub fn inclusion_proof<S: TileStore>(store: &S, index: u64, size: u64) -> Result<Vec<Hash>, LogError<S::Error>> {
    if index >= size {
        return Err(LogError::OutOfRange);
    }
    let mut reader = Reader::new(store, size);
    let (mut low, mut high) = (0, size);
    let mut proof = Vec::with_capacity(64);
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            proof.push(reader.subtree(middle, high)?);
            high = middle;
        } else {
            proof.push(reader.subtree(low, middle)?);
            low = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the first `size1` leaves are a prefix of the first `size2` (RFC 9162 §2.1.4.1); `size1` is not 0.
pub fn consistency_proof<S: TileStore>(store: &S, size1: u64, size2: u64) -> Result<Vec<Hash>, LogError<S::Error>> {
    if size1 == 0 || size1 > size2 {
        return Err(LogError::OutOfRange);
    }
    let mut reader = Reader::new(store, size2);
    let (mut low, mut high) = (0, size2);
    let mut proof = Vec::new();
    while size1 != high {
        let middle = low + split(high - low);
        if size1 <= middle {
            proof.push(reader.subtree(middle, high)?);
            high = middle;
        } else {
            proof.push(reader.subtree(low, middle)?);
            low = middle;
        }
    }
    // At `low` 0 the old tree is a node of the new one: the verifier knows its root.
    if low > 0 {
        proof.push(reader.subtree(low, high)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Reads nodes of the log's first `size` leaves, and every tile once.
pub(crate) struct Reader<'s, S> {
    store: &'s S,
    size: u64,
    tiles: Vec<(u8, u64, Arc<HashedTile>)>,
}

impl<'s, S: TileStore> Reader<'s, S> {
    pub(crate) fn new(store: &'s S, size: u64) -> Self {
        Self { store, size, tiles: Vec::new() }
    }

    /// The hash over the leaves `low..high`, where `low` is a multiple of the power of two that covers the range.
    fn subtree(&mut self, low: u64, high: u64) -> Result<Hash, LogError<S::Error>> {
        let leaves = high - low;
        if leaves.is_power_of_two() {
            let height = leaves.ilog2();
            return self.node(height, low >> height);
        }
        let middle = low + split(leaves);
        Ok(node_hash(&self.subtree(low, middle)?, &self.subtree(middle, high)?))
    }

    /// The complete subtree number `index` of 2^`height` leaves.
    pub(crate) fn node(&mut self, height: u32, index: u64) -> Result<Hash, LogError<S::Error>> {
        let inner = height % HEIGHT;
        let level = u8::try_from(height / HEIGHT).expect("a tree of u64 leaves has at most 64 levels");
        let per_tile = WIDTH >> inner;
        let tile = self.tile(level, index / per_tile)?;
        Ok(tile.node(inner, usize::try_from(index % per_tile).expect("below 256")))
    }

    fn tile(&mut self, level: u8, n: u64) -> Result<&HashedTile, LogError<S::Error>> {
        let known = self.tiles.iter().position(|(l, m, _)| (*l, *m) == (level, n));
        let position = if let Some(position) = known {
            position
        } else {
            let width = tile::width(level, n, self.size);
            let tile = self.store.hashed_tile(level, n, width).map_err(LogError::Store)?;
            let tile = tile.filter(|t| t.width() >= width).ok_or(LogError::MissingTile { level, n, width })?;
            self.tiles.push((level, n, tile));
            self.tiles.len() - 1
        };
        Ok(&self.tiles[position].2)
    }
}
