//! Appending leaves: the right edge of the log in memory.

use std::mem;

use vouchsafe_core::hash::Hash;

use crate::frontier::Frontier;
use crate::log::{LogError, TileStore, frontier};
use crate::tile::{self, FULL_BYTES, HASH_BYTES, HEIGHT, WIDTH};

/// Appends leaf hashes to a log and says which tiles have to be written.
///
/// A clone copies the right edge only, at most 8 KiB a level: clone before a transaction, put the clone back if it fails.
#[derive(Debug, Clone, Default)]
pub struct Appender {
    frontier: Frontier,
    /// The partial tile of each level.
    edge: Vec<EdgeTile>,
    /// Tiles that became full since they were last taken.
    full: Vec<(u8, u64, Vec<u8>)>,
}

#[derive(Debug, Clone, Default)]
struct EdgeTile {
    n: u64,
    bytes: Vec<u8>,
    changed: bool,
}

impl Appender {
    /// Reads the right edge of the log's first `size` leaves.
    ///
    /// Compare [`root`](Self::root) with the newest checkpoint before appending: that is what shows a damaged store.
    pub fn open<S: TileStore>(store: &S, size: u64) -> Result<Self, LogError<S::Error>> {
        let frontier = frontier(store, size)?;
        let mut edge = Vec::new();
        for level in 0..8u8 {
            let hashes = size >> (HEIGHT * u32::from(level));
            if hashes == 0 {
                break;
            }
            let n = hashes / WIDTH;
            edge.push(EdgeTile { n, bytes: partial(store, level, n, size)?, changed: false });
        }
        Ok(Self { frontier, edge, full: Vec::new() })
    }

    /// How many leaves the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends a leaf, given its [`leaf_hash`](crate::leaf_hash); it gets the index [`size`](Self::size) had before.
    pub fn push(&mut self, leaf_hash: Hash) {
        let Self { frontier, edge, full } = self;
        frontier.push_with(leaf_hash, |height, hash| {
            if height % HEIGHT == 0 {
                push_to_tile(edge, full, height / HEIGHT, &hash);
            }
        });
    }

    /// The tiles that changed since this was last called, as level, number, and bytes; a partial tile replaces its
    /// shorter former self.
    pub fn take_changed_tiles(&mut self) -> Vec<(u8, u64, Vec<u8>)> {
        let mut changed = mem::take(&mut self.full);
        for (level, tile) in (0u8..).zip(&mut self.edge) {
            if mem::take(&mut tile.changed) {
                changed.push((level, tile.n, tile.bytes.clone()));
            }
        }
        changed
    }
}

fn push_to_tile(edge: &mut Vec<EdgeTile>, full: &mut Vec<(u8, u64, Vec<u8>)>, level: u32, hash: &Hash) {
    let level = u8::try_from(level).expect("a log of u64 leaves has at most eight levels of tiles");
    if edge.len() == usize::from(level) {
        edge.push(EdgeTile::default());
    }
    let tile = &mut edge[usize::from(level)];
    tile.bytes.extend_from_slice(hash);
    tile.changed = tile.bytes.len() < FULL_BYTES;
    if !tile.changed {
        full.push((level, tile.n, mem::take(&mut tile.bytes)));
        tile.n += 1;
    }
}

/// The bytes of a tile at the right edge, cut to what `size` leaves call for.
fn partial<S: TileStore>(store: &S, level: u8, n: u64, size: u64) -> Result<Vec<u8>, LogError<S::Error>> {
    let width = tile::width(level, n, size);
    if width == 0 {
        return Ok(Vec::new());
    }
    let blob = store.tile(level, n).map_err(LogError::Store)?;
    let length = usize::try_from(width).expect("at most 256") * HASH_BYTES;
    let bytes = blob.as_deref().and_then(|blob| blob.get(..length));
    bytes.map(<[u8]>::to_vec).ok_or(LogError::MissingTile { level, n, width })
}
