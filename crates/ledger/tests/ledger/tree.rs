//! Known answers: hashes, roots, inclusion and consistency.

use crate::tiles_in_memory::MemoryTiles;
use crate::vectors::{TLOG, bytes, hash, hashes, list, number};
use serde_json::Value;
use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::log::{consistency_proof, inclusion_proof, root};
use vouchsafe_ledger::{Appender, EMPTY_ROOT, leaf_hash, node_hash, verify_consistency, verify_inclusion};

fn stored(tree: &Value) -> MemoryTiles {
    let tiles = MemoryTiles::default();
    let mut appender = Appender::default();
    for leaf in list(&tree["leaves_hex"]) {
        appender.push(leaf_hash(&bytes(leaf)));
    }
    tiles.write(&mut appender);
    tiles
}

#[test]
fn hashes_are_those_of_rfc_6962() {
    let known = &TLOG["hash_kat"];
    assert_eq!(Some(EMPTY_ROOT), hash(&known["empty_root"]));
    assert_eq!(Some(leaf_hash(b"L123456")), hash(&known["leaf_of_L123456"]));
    assert_eq!(Some(leaf_hash(b"")), hash(&known["leaf_of_empty_string"]));
    let node = bytes(&known["node_of_N123_and_N456"]);
    assert_eq!(vouchsafe_core::hash::sha256(&[b"\x01N123N456"]).to_vec(), node);
    let (left, right) = ([1; 32], [2; 32]);
    assert_eq!(node_hash(&left, &right), vouchsafe_core::hash::sha256(&[&[1], &left, &right]));
}

#[test]
fn roots_of_every_size_are_the_known_ones_appended_or_read() {
    for tree in list(&TLOG["trees"]) {
        let tiles = stored(tree);
        let mut appender = Appender::default();
        let roots = hashes(&tree["roots_by_size"]).unwrap();
        for (size, expected) in (0..).zip(&roots) {
            assert_eq!(appender.root(), *expected, "appended, size {size}");
            assert_eq!(root(&tiles, size).unwrap(), *expected, "read, size {size}");
            if let Some(leaf) = list(&tree["leaf_hashes"]).get(usize::try_from(size).unwrap()) {
                appender.push(hash(leaf).unwrap());
            }
        }
    }
}

#[test]
fn every_known_inclusion_case_is_judged_as_known_and_every_valid_proof_is_the_one_we_make() {
    let mut cases = 0;
    for tree in list(&TLOG["trees"]) {
        let tiles = stored(tree);
        for case in list(&tree["inclusion"]) {
            cases += 1;
            let (index, size) = (number(&case["index"]), number(&case["size"]));
            let proof = hashes(&case["proof"]);
            let verified = proof.as_ref().is_some_and(|proof| {
                let (leaf, root) = (hash(&case["leaf_hash"]).unwrap(), hash(&case["root"]).unwrap());
                verify_inclusion(&leaf, index, size, proof, &root).is_ok()
            });
            assert_eq!(verified, case["ok"], "{case}");
            if verified && case["desc"] == "happy path" {
                assert_eq!(inclusion_proof(&tiles, index, size).ok(), proof, "{case}");
            }
        }
    }
    assert_eq!(cases, 989);
}

#[test]
fn every_known_consistency_case_is_judged_as_known_and_every_valid_proof_is_the_one_we_make() {
    let mut cases = 0;
    for tree in list(&TLOG["trees"]) {
        let tiles = stored(tree);
        for case in list(&tree["consistency"]) {
            cases += 1;
            let (size1, size2) = (number(&case["size1"]), number(&case["size2"]));
            let proof = hashes(&case["proof"]).unwrap();
            let roots: [Hash; 2] = [hash(&case["root1"]).unwrap(), hash(&case["root2"]).unwrap()];
            let verified = verify_consistency(size1, &roots[0], size2, &roots[1], &proof).is_ok();
            assert_eq!(verified, case["ok"], "{case}");
            if verified && case["desc"] == "happy path" {
                assert_eq!(consistency_proof(&tiles, size1, size2).unwrap(), proof, "{case}");
            }
        }
    }
    assert_eq!(cases, 705);
}
