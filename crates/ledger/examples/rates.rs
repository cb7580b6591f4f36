//! Leaves appended and inclusion proofs made a second, in memory. Arguments: leaves, rounds. Prints samples as JSON.

use std::{collections::HashMap, convert::Infallible, hint::black_box, sync::Arc, time::Instant};

use vouchsafe_ledger::{Appender, RowLeaf, TileCache, TileStore, leaf_hash, log::inclusion_proof};

/// How many tiles one transaction writes at most; a commit of a thousand rows touches four.
const COMMIT: u64 = 1_000;
/// The newest leaves, of which proofs are asked for most: their tiles fit into the cache.
const HOT_LEAVES: u64 = 100_000;
const PROOFS: u64 = 100_000;

#[derive(Default)]
struct MemoryTiles(HashMap<(u8, u64), Arc<[u8]>>);

impl TileStore for MemoryTiles {
    type Error = Infallible;

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, Infallible> {
        Ok(self.0.get(&(level, n)).cloned())
    }
}

fn leaf(row_seq: u64) -> RowLeaf {
    RowLeaf { row_seq, time_us: 1_700_000_000_000_000 + row_seq, agent: [1; 32], action: [2; 32], row_hash: [3; 32] }
}

#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn rate(count: u64, began: Instant) -> f64 {
    count as f64 / began.elapsed().as_secs_f64()
}

/// Appends leaves; the tiles are handed over as often as commits would.
fn append(leaves: u64) -> (MemoryTiles, f64) {
    let mut tiles = MemoryTiles::default();
    let mut appender = Appender::default();
    let began = Instant::now();
    for index in 0..leaves {
        appender.push(leaf_hash(&leaf(index).encode()));
        if index % COMMIT == COMMIT - 1 {
            let changed = appender.take_changed_tiles().into_iter();
            tiles.0.extend(changed.map(|(level, n, bytes)| ((level, n), bytes.into())));
        }
    }
    black_box(appender.root());
    let rate = rate(leaves, began);
    let changed = appender.take_changed_tiles().into_iter();
    tiles.0.extend(changed.map(|(level, n, bytes)| ((level, n), bytes.into())));
    (tiles, rate)
}

/// Proofs of leaves drawn from the newest `among`.
fn prove(tiles: &MemoryTiles, cache: &TileCache, size: u64, among: u64, proofs: u64) -> f64 {
    let mut state = 1u64;
    let tiles = cache.over(tiles);
    let began = Instant::now();
    for _ in 0..proofs {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let index = size - 1 - (state >> 33) % among;
        black_box(inclusion_proof(&tiles, index, size).expect("the tiles are complete"));
    }
    rate(proofs, began)
}

fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let [leaves, rounds] = arguments[..] else { panic!("leaves and rounds are to be given") };
    let (mut appends, mut hot, mut anywhere) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (tiles, rate) = append(leaves);
        appends.push(rate);
        let cache = TileCache::default();
        prove(&tiles, &cache, leaves, HOT_LEAVES.min(leaves), PROOFS);
        hot.push(prove(&tiles, &cache, leaves, HOT_LEAVES.min(leaves), PROOFS));
        anywhere.push(prove(&tiles, &cache, leaves, leaves, PROOFS / 10));
    }
    println!("{{\"appends\":{appends:?},\"hot\":{hot:?},\"anywhere\":{anywhere:?}}}");
}
