//! Rules of the tile cache.

use crate::tiles_in_memory::{leaf, log};
use vouchsafe_ledger::TileCache;
use vouchsafe_ledger::log::{inclusion_proof, root};

#[test]
fn what_was_read_once_is_not_read_again() {
    let (tiles, _) = log(1000);
    let cache = TileCache::default();
    let expected = inclusion_proof(&tiles, 5, 1000).unwrap();
    assert_eq!(inclusion_proof(&cache.over(&tiles), 5, 1000).unwrap(), expected);
    tiles.reads.set(0);
    assert_eq!(inclusion_proof(&cache.over(&tiles), 5, 1000).unwrap(), expected);
    assert_eq!(tiles.reads.get(), 0);
}

#[test]
fn a_tile_that_has_grown_is_read_again() {
    let (tiles, mut appender) = log(10);
    let cache = TileCache::default();
    for size in 10..600 {
        assert_eq!(root(&cache.over(&tiles), size).unwrap(), appender.root());
        assert_eq!(root(&cache.over(&tiles), 10).unwrap(), root(&tiles, 10).unwrap());
        appender.push(leaf(size));
        tiles.write(&mut appender);
    }
}

#[test]
fn a_full_cache_forgets_what_was_not_used_for_longest() {
    let (tiles, _) = log(1024);
    let cache = TileCache::new(3 * 510 * 32);
    let reads = |index| {
        tiles.reads.set(0);
        vouchsafe_ledger::log::leaf_hash_at(&cache.over(&tiles), index).unwrap();
        tiles.reads.get()
    };
    assert_eq!([0, 256, 512].map(reads), [1, 1, 1]);
    assert_eq!(reads(0), 0);
    assert_eq!(reads(768), 1);
    assert_eq!([0, 512, 768].map(reads), [0, 0, 0]);
    assert_eq!(reads(256), 1);
}
