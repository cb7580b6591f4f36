//! Hot tiles in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::hashed_tile::HashedTile;
use crate::log::TileStore;

/// Keeps the tiles that were read last, hashed, up to a number of bytes; shared by all readers of one log.
///
/// A tile only ever grows, so a cached one serves every size that needs no more hashes than it holds; where more are
/// needed it is read again. Hence fill it from committed tiles only, never from inside a transaction that may fail.
#[derive(Debug)]
pub struct TileCache {
    max_bytes: usize,
    tiles: Mutex<Tiles>,
}

#[derive(Debug)]
struct Tiles {
    by_position: LruCache<(u8, u64), Arc<HashedTile>>,
    bytes: usize,
}

impl TileCache {
    /// What a cache holds at most by default: 16 MiB.
    pub const DEFAULT_BYTES: usize = 16 << 20;

    /// An empty cache that holds at most `max_bytes` of hashes.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, tiles: Mutex::new(Tiles { by_position: LruCache::unbounded(), bytes: 0 }) }
    }

    /// The store's tiles, read through this cache.
    pub fn over<'a, S: TileStore>(&'a self, store: &'a S) -> CachedTiles<'a, S> {
        CachedTiles { cache: self, store }
    }

    fn get(&self, position: (u8, u64), width: u64) -> Option<Arc<HashedTile>> {
        self.lock().by_position.get(&position).filter(|tile| tile.width() >= width).cloned()
    }

    fn put(&self, position: (u8, u64), tile: &Arc<HashedTile>) {
        let mut tiles = self.lock();
        tiles.bytes += tile.bytes();
        if let Some(former) = tiles.by_position.put(position, Arc::clone(tile)) {
            tiles.bytes -= former.bytes();
        }
        while tiles.bytes > self.max_bytes {
            let Some((_, oldest)) = tiles.by_position.pop_lru() else { break };
            tiles.bytes -= oldest.bytes();
        }
    }

    /// A panic elsewhere leaves at worst a miscounted cache, never a wrong tile.
    fn lock(&self) -> MutexGuard<'_, Tiles> {
        self.tiles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TileCache {
    fn default() -> Self {
        Self::new(Self::DEFAULT_BYTES)
    }
}

/// A [`TileStore`] behind a [`TileCache`].
#[derive(Debug)]
pub struct CachedTiles<'a, S> {
    cache: &'a TileCache,
    store: &'a S,
}

impl<S: TileStore> TileStore for CachedTiles<'_, S> {
    type Error = S::Error;

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, Self::Error> {
        self.store.tile(level, n)
    }

    fn hashed_tile(&self, level: u8, n: u64, width: u64) -> Result<Option<Arc<HashedTile>>, Self::Error> {
        if let Some(tile) = self.cache.get((level, n), width) {
            return Ok(Some(tile));
        }
        let tile = self.store.hashed_tile(level, n, width)?;
        if let Some(tile) = &tile {
            self.cache.put((level, n), tile);
        }
        Ok(tile)
    }
}
