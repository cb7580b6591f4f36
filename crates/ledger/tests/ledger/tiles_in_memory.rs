//! A log whose tiles are kept in memory.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::{Appender, TileStore, leaf_hash};

/// A tile's bytes by level and number.
type Tiles = HashMap<(u8, u64), Arc<[u8]>>;

#[derive(Default)]
pub struct MemoryTiles {
    pub tiles: RefCell<Tiles>,
    pub reads: Cell<u64>,
}

impl MemoryTiles {
    pub fn write(&self, appender: &mut Appender) {
        let changed = appender.take_changed_tiles().into_iter();
        self.tiles.borrow_mut().extend(changed.map(|(level, n, bytes)| ((level, n), bytes.into())));
    }
}

impl TileStore for MemoryTiles {
    type Error = Infallible;

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, Infallible> {
        self.reads.set(self.reads.get() + 1);
        Ok(self.tiles.borrow().get(&(level, n)).cloned())
    }
}

/// Leaf `index` of the logs here: its index, as in the tile vectors.
pub fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

/// A log of `size` leaves.
pub fn log(size: u64) -> (MemoryTiles, Appender) {
    let tiles = MemoryTiles::default();
    let mut appender = Appender::default();
    (0..size).for_each(|index| appender.push(leaf(index)));
    tiles.write(&mut appender);
    (tiles, appender)
}
