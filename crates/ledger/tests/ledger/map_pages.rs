//! The stored map: whatever is added in whatever batches, it says what a plain list of its keys says.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vouchsafe_core::hash::{Hash, sha256};
use vouchsafe_ledger::map::{MapError, MapProofError, prove, root};

use crate::map_in_memory::Both;

fn key(n: u64) -> Hash {
    sha256(&[&n.to_be_bytes()])
}

/// A key that parts from `key` in this bit.
fn parted(key: &Hash, index: u8) -> Hash {
    let mut other = *key;
    other[usize::from(index / 8)] ^= 0x80 >> (index % 8);
    other
}

/// Keys that share prefixes of all lengths.
fn keys() -> impl Strategy<Value = Hash> {
    (0..4u64, prop::collection::vec(any::<u8>(), 0..3)).prop_map(|(n, bits)| {
        let base = if n == 0 { [0; 32] } else { key(n) };
        bits.iter().fold(base, |key, bit| parted(&key, *bit))
    })
}

/// Rows in commits, each row with a key, under ascending leaf indices.
fn commits() -> impl Strategy<Value = Vec<Vec<(Hash, u64)>>> {
    prop::collection::vec(prop::collection::vec(keys(), 0..12), 0..8).prop_map(|commits| {
        let mut next = 0;
        let mut numbered = |key| {
            next += 1;
            (key, next - 1)
        };
        commits.into_iter().map(|keys| keys.into_iter().map(&mut numbered).collect()).collect()
    })
}

proptest! {
    #[test]
    fn after_any_commits_root_and_proofs_are_those_of_the_sorted_keys(
        commits in commits(),
        absent in prop::collection::vec(keys(), 8),
    ) {
        let mut map = Both::default();
        for rows in commits {
            map.commit(&rows).unwrap();
            map.check(&absent);
        }
    }

    #[test]
    fn a_proof_holds_for_its_own_root_value_and_key_alone(commits in commits(), asked in keys(), other in keys()) {
        let mut map = Both::default();
        for rows in &commits {
            map.commit(rows).unwrap();
        }
        let proof = prove(&map.pages, &asked).unwrap();
        prop_assert_eq!(proof.verify(&map.root, &asked), Ok(()));
        prop_assert_eq!(proof.verify(&key(9), &asked), Err(MapProofError::RootMismatch));
        if let Some(value) = &proof.value {
            let mut forged = proof.clone();
            let mut value = value.clone();
            value[15] ^= 1;
            forged.value = Some(value);
            prop_assert_eq!(forged.verify(&map.root, &asked), Err(MapProofError::RootMismatch));
            prop_assert_eq!(proof.verify(&map.root, &other).is_ok(), asked == other);
        } else if map.lists.contains_key(&other) {
            prop_assert!(proof.verify(&map.root, &other).is_err());
        }
        let before = map.root;
        map.commit(&[(asked, 1_000)]).unwrap();
        prop_assert!(proof.verify(&map.root, &asked).is_err(), "the key has another value now");
        prop_assert_eq!(proof.verify(&before, &asked), Ok(()));
    }

    #[test]
    fn a_page_with_any_byte_changed_is_never_built_upon(
        commits in commits().prop_filter("has rows", |commits| commits.iter().any(|rows| !rows.is_empty())),
        asked in keys(),
        (page, place, change) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..=255u8),
    ) {
        let mut map = Both::default();
        for rows in &commits {
            map.commit(rows).unwrap();
        }
        let mut sound = Both { root: map.root, lists: map.lists.clone(), ..Both::default() };
        sound.pages.pages.clone_from(&map.pages.pages);
        sound.commit(&[(asked, 1_000)]).unwrap();
        let numbers: BTreeSet<u64> = map.pages.pages.keys().copied().collect();
        let bytes = map.pages.pages.get_mut(page.get(&numbers.into_iter().collect::<Vec<_>>())).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        // Either the change was not looked at, or it is damage: there is no third.
        match map.commit(&[(asked, 1_000)]) {
            Ok(()) => prop_assert_eq!(map.root, sound.root),
            Err(error) => prop_assert!(matches!(error, MapError::Damaged(_))),
        }
    }

    #[test]
    fn bytes_that_are_no_page_are_damage(bytes in prop::collection::vec(0..4u8, 0..200)) {
        let mut map = Both::default();
        map.pages.pages.insert(1, bytes);
        map.root = key(7);
        // A few of them are a page, though not the one that the root stands for.
        prop_assert!(root(&map.pages) != Ok(map.root));
        prop_assert!(prove(&map.pages, &key(0)).is_err() || prove(&map.pages, &key(0)).unwrap().verify(&map.root, &key(0)).is_err());
        prop_assert_eq!(map.commit(&[(key(0), 0)]), Err(MapError::Damaged(1)));
    }
}

#[test]
fn keys_that_part_in_any_bit_are_told_apart_through_all_pages_between() {
    for index in 0..=255 {
        let (one, other) = (key(1), parted(&key(1), index));
        let mut map = Both::default();
        map.commit(&[(one, 0)]).unwrap();
        map.commit(&[(other, 1), (key(2), 2)]).unwrap();
        map.check(&[parted(&one, index.wrapping_add(1)), parted(&other, 255 - index), key(3)]);
        map.commit(&[(one, 3), (other, 4)]).unwrap();
        map.check(&[]);
        let path = prove(&map.pages, &one).unwrap().path;
        assert!(path.iter().any(|(bit, _)| *bit == index), "the keys part in bit {index}");
        assert!(map.pages.pages.keys().all(|number| *number < 1 << 61), "numbers fit into a column");
    }
}

#[test]
fn a_key_beside_every_bit_of_another_makes_a_path_of_256_steps() {
    let mut map = Both::default();
    let deep = key(1);
    map.commit(&(0..=255).map(|index| (parted(&deep, index), u64::from(index))).collect::<Vec<_>>()).unwrap();
    map.commit(&[(deep, 256)]).unwrap();
    map.check(&[key(2)]);
    assert_eq!(prove(&map.pages, &deep).unwrap().path.len(), 256);
}

#[test]
fn a_commit_reads_each_page_once_and_only_those_of_its_keys() {
    let mut map = Both::default();
    map.commit(&(0..4_000).map(|n| (key(n), n)).collect::<Vec<_>>()).unwrap();
    let pages = map.pages.pages.len();
    map.pages.reads.take();
    map.commit(&(0..20).map(|n| (key(n % 10), 4_000 + n)).collect::<Vec<_>>()).unwrap();
    let reads = map.pages.reads.take();
    assert_eq!(reads.len(), reads.iter().collect::<BTreeSet<_>>().len(), "none twice");
    assert!(reads.len() <= 10 * 5 && reads.len() < pages / 4, "{} of {pages}", reads.len());
}

#[test]
fn a_row_that_does_not_come_after_the_keys_last_one_is_damage() {
    let mut map = Both::default();
    map.commit(&[(key(1), 5), (key(2), 6)]).unwrap();
    assert!(matches!(map.commit(&[(key(1), 5)]), Err(MapError::Damaged(_))));
    assert!(matches!(map.commit(&[(key(1), 4)]), Err(MapError::Damaged(_))));
    map.commit(&[(key(1), 6)]).unwrap();
    map.check(&[key(3)]);
}

#[test]
fn a_map_of_another_root_is_damage_also_where_the_root_is_that_of_no_map() {
    let mut map = Both::default();
    map.commit(&[(key(1), 0), (key(2), 1)]).unwrap();
    let sound = map.root;
    for wrong in [key(7), vouchsafe_ledger::EMPTY_MAP_ROOT] {
        map.root = wrong;
        assert_eq!(map.commit(&[(key(1), 2)]), Err(MapError::Damaged(1)));
    }
    map.root = sound;
    map.pages.pages.clear();
    assert_eq!(map.commit(&[(key(1), 2)]), Err(MapError::Damaged(1)));
}

#[test]
fn a_page_that_is_missing_below_the_topmost_is_damage() {
    let mut map = Both::default();
    map.commit(&(0..2_000).map(|n| (key(n), n)).collect::<Vec<_>>()).unwrap();
    map.pages.reads.take();
    prove(&map.pages, &key(1)).unwrap();
    let last = *map.pages.reads.take().last().unwrap();
    map.pages.pages.remove(&last);
    assert_eq!(prove(&map.pages, &key(1)), Err(MapError::Damaged(last)));
    assert_eq!(map.commit(&[(key(1), 2_000)]), Err(MapError::Damaged(last)));
}
