//! Rules of the log: appending, proving, and noticing what is missing.

use crate::tiles_in_memory::{MemoryTiles, leaf, log};
use proptest::prelude::*;
use std::collections::HashSet;
use std::convert::Infallible;
use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::log::{consistency_proof, inclusion_proof, leaf_hash_at, root};
use vouchsafe_ledger::{Appender, EMPTY_ROOT, LogError, node_hash, verify_consistency, verify_inclusion};

/// RFC 9162 §2.1.1, word for word.
fn naive_root(low: u64, high: u64) -> Hash {
    match high - low {
        0 => EMPTY_ROOT,
        1 => leaf(low),
        size => {
            let middle = low + size.next_power_of_two() / 2;
            node_hash(&naive_root(low, middle), &naive_root(middle, high))
        }
    }
}

/// A size and an index below it.
fn position() -> impl Strategy<Value = (u64, u64)> {
    (1..700u64).prop_flat_map(|size| (Just(size), 0..size))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_root_is_the_recursive_one_in_whatever_steps_the_log_grew((size, opened) in position()) {
        let (tiles, before) = log(opened);
        let mut appender = Appender::open(&tiles, opened).unwrap();
        prop_assert_eq!(appender.root(), before.root());
        (opened..size).for_each(|index| appender.push(leaf(index)));
        tiles.write(&mut appender);
        prop_assert_eq!(appender.root(), naive_root(0, size));
        prop_assert_eq!(root(&tiles, size).unwrap(), naive_root(0, size));
        prop_assert_eq!(root(&tiles, opened).unwrap(), naive_root(0, opened));
    }

    #[test]
    fn an_inclusion_proof_holds_for_its_own_leaf_place_and_root_only(
        (size, index) in position(),
        other in 0..700u64,
        bit in 0..8 * 32 * 10usize,
    ) {
        let (tiles, _) = log(700);
        let proof = inclusion_proof(&tiles, index, size).unwrap();
        let (hash, tree) = (leaf(index), root(&tiles, size).unwrap());
        prop_assert_eq!(leaf_hash_at(&tiles, index).unwrap(), hash);
        prop_assert!(verify_inclusion(&hash, index, size, &proof, &tree).is_ok());
        if other != index {
            prop_assert!(verify_inclusion(&leaf(other), index, size, &proof, &tree).is_err());
            prop_assert!(verify_inclusion(&hash, other, size, &proof, &tree).is_err());
        }
        if other != size {
            let other_tree = root(&tiles, other).unwrap();
            prop_assert!(verify_inclusion(&hash, index, other, &proof, &other_tree).is_err());
            prop_assert!(verify_inclusion(&hash, index, size, &proof, &other_tree).is_err());
        }
        let mut flipped = proof;
        if let Some(sibling) = flipped.get_mut(bit / 256) {
            sibling[bit % 256 / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_inclusion(&hash, index, size, &flipped, &tree).is_err());
        }
    }

    #[test]
    fn a_consistency_proof_holds_for_its_own_two_trees_only((size2, last) in position(), bit in 0..8 * 32 * 11usize) {
        let (tiles, _) = log(700);
        let size1 = last + 1;
        let proof = consistency_proof(&tiles, size1, size2).unwrap();
        let (root1, root2) = (root(&tiles, size1).unwrap(), root(&tiles, size2).unwrap());
        prop_assert!(verify_consistency(size1, &root1, size2, &root2, &proof).is_ok());
        prop_assert!(verify_consistency(size1, &[0; 32], size2, &root2, &proof).is_err());
        prop_assert!(verify_consistency(size1, &root1, size2, &[0; 32], &proof).is_err());
        let mut flipped = proof;
        if let Some(sibling) = flipped.get_mut(bit / 256) {
            sibling[bit % 256 / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_consistency(size1, &root1, size2, &root2, &flipped).is_err());
        }
    }
}

#[test]
fn positions_outside_the_log_are_refused() {
    let (tiles, _) = log(3);
    assert_eq!(inclusion_proof(&tiles, 3, 3), Err(LogError::OutOfRange));
    assert_eq!(consistency_proof(&tiles, 0, 3), Err(LogError::OutOfRange));
    assert_eq!(consistency_proof(&tiles, 4, 3), Err(LogError::OutOfRange));
    assert_eq!(leaf_hash_at(&tiles, u64::MAX), Err(LogError::OutOfRange));
    assert_eq!(root(&MemoryTiles::default(), 0), Ok(EMPTY_ROOT));
}

#[test]
fn a_clone_taken_before_a_failed_commit_goes_on_as_if_nothing_had_happened() {
    let (tiles, mut appender) = log(300);
    let kept = appender.clone();
    (0..500).for_each(|index| appender.push(leaf(1000 + index)));
    appender = kept;
    (300..600).for_each(|index| appender.push(leaf(index)));
    tiles.write(&mut appender);
    assert_eq!(appender.root(), naive_root(0, 600));
    assert_eq!(root(&tiles, 600).unwrap(), naive_root(0, 600));
    assert!(appender.take_changed_tiles().is_empty());
}

#[test]
fn an_uncommitted_longer_tile_still_serves_the_size_before_it() {
    let (tiles, _) = log(300);
    let appender = Appender::open(&tiles, 290).unwrap();
    assert_eq!(appender.root(), naive_root(0, 290));
    assert_eq!(root(&tiles, 290).unwrap(), naive_root(0, 290));
}

#[test]
fn missing_short_and_odd_tiles_are_named() {
    let missing: LogError<Infallible> = LogError::MissingTile { level: 0, n: 1, width: 44 };
    let (tiles, _) = log(300);
    let whole = tiles.tiles.borrow()[&(0, 1)].to_vec();
    for damaged in [Some(&whole[..43 * 32]), Some(&whole[..whole.len() - 1]), Some(&[]), None] {
        match damaged {
            Some(bytes) => tiles.tiles.borrow_mut().insert((0, 1), bytes.into()),
            None => tiles.tiles.borrow_mut().remove(&(0, 1)),
        };
        assert_eq!(root(&tiles, 300), Err(missing));
        assert_eq!(Appender::open(&tiles, 300).unwrap_err().to_string(), "tile tile/0/001.p/44 is missing or damaged");
    }
}

#[test]
fn a_proof_reads_each_tile_once_and_few_of_them() {
    let (tiles, _) = log(70_000);
    let mut seen = HashSet::new();
    for index in [0, 255, 256, 40_000, 65_535, 65_536, 69_999] {
        tiles.reads.set(0);
        let proof = inclusion_proof(&tiles, index, 70_000).unwrap();
        assert!(tiles.reads.get() <= 5, "{} tiles for {index}", tiles.reads.get());
        assert!(seen.insert(proof));
    }
}
