//! What a naive verifier falls for.

use crate::committed::{Log, action, agent, call};
use crate::vectors::{TLOG, hash, hashes, list, number};
use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::log::inclusion_proof;
use vouchsafe_ledger::{
    Bundle, Checkpoint, EMPTY_ROOT, ProofError, Seal, SealProof, leaf_hash, node_hash, verify_consistency,
    verify_inclusion,
};

use crate::tiles_in_memory::log as log_of;

#[test]
fn a_root_does_not_bind_its_size_so_that_the_signed_checkpoint_has_to() {
    // The first leaf's path is as long in a tree of 5 as in trees of 6, 7 and 8, and leads to the same root.
    let (tiles, appender) = log_of(5);
    let proof = inclusion_proof(&tiles, 0, 5).unwrap();
    let first = leaf_hash(&0u64.to_be_bytes());
    for size in 5..=8 {
        assert_eq!(verify_inclusion(&first, 0, size, &proof, &appender.root()), Ok(()), "size {size}");
    }
    // A bundle names no size: that of the checkpoint is signed, and the seal has to be its last leaf.
    let log = Log::new();
    let bundle = log.with_map(call(1), log.size());
    for size in [log.size() - 1, log.size() + 1] {
        let other = Checkpoint { size, ..log.checkpoint(log.size()) };
        let error = bundle.check(&other, bundle.seal.as_ref().unwrap()).unwrap_err();
        assert_eq!(error.code(), "malformed", "{error}");
        // Where seal and note both name that size, the proofs may hold, and the signature does not.
        let mut forged = bundle.clone();
        forged.seal.as_mut().unwrap().index = size - 1;
        forged.checkpoint = forged.checkpoint.map(|note| note.replacen("\n42\n", &format!("\n{size}\n"), 1));
        assert_eq!(log.code(&forged), "invalid_signature");
    }
}

#[test]
fn nothing_is_consistent_with_the_tree_of_size_zero() {
    let root = [7; 32];
    for proof in [&[][..], &[[1; 32]], &[root]] {
        for (size, new) in [(0, EMPTY_ROOT), (1, root), (8, root)] {
            let consistent = verify_consistency(0, &EMPTY_ROOT, size, &new, proof);
            assert_eq!(consistent, Err(ProofError::OutOfRange), "to size {size} by {} hashes", proof.len());
        }
    }
    let known = list(&TLOG["trees"]).iter().flat_map(|tree| list(&tree["consistency"]));
    let from_zero: Vec<_> = known.filter(|case| number(&case["size1"]) == 0).collect();
    assert!(!from_zero.is_empty());
    for case in from_zero {
        let [old, new]: [Hash; 2] = [hash(&case["root1"]).unwrap(), hash(&case["root2"]).unwrap()];
        let proof = hashes(&case["proof"]).unwrap();
        assert!(verify_consistency(0, &old, number(&case["size2"]), &new, &proof).is_err(), "{case}");
    }
}

#[test]
fn a_seal_that_is_not_the_last_leaf_is_refused_though_it_is_in_the_log() {
    let log = Log::new();
    let earlier = log.earlier_size() - 1;
    let mut bundle = log.with_map(call(1), log.size());
    let leaf = log.leaves[usize::try_from(earlier).unwrap()].clone();
    assert!(Seal::decode(&leaf).is_ok());
    bundle.seal = Some(SealProof { index: earlier, leaf, proof: log.proof(earlier, log.size()) });
    assert_eq!(log.open(&bundle).unwrap_err().to_string(), format!("the seal at {earlier} is not the last leaf"));
}

#[test]
fn a_map_proof_under_an_older_seal_is_refused_though_that_seal_is_in_the_log() {
    let log = Log::new();
    // At the earlier checkpoint nothing of call 7 was there yet, which is no absence now.
    let then = log.with_map(call(7), log.earlier_size());
    assert_eq!((log.code(&then), then.rows.len()), ("ok", 0));
    let mut now = log.with_map(call(7), log.size());
    now.rows.clear();
    now.map = then.map;
    assert_eq!(log.open(&now).unwrap_err().to_string(), "the map's answer does not match the signed log");
    let earlier = log.earlier_size() - 1;
    let leaf = log.leaves[usize::try_from(earlier).unwrap()].clone();
    now.seal = Some(SealProof { index: earlier, leaf, proof: log.proof(earlier, log.size()) });
    assert_eq!(log.code(&now), "malformed");
}

#[test]
fn the_verifier_hashes_the_leaf_and_takes_no_hash_for_one() {
    let log = Log::new();
    // Two hashes that stand side by side in the tree: as a leaf they would be 64 bytes, and a node is no leaf.
    let hashes = log.hashes(log.size());
    let pair = [hashes[0], hashes[1]].concat();
    assert_ne!(leaf_hash(&pair), node_hash(&hashes[0], &hashes[1]));
    let mut scan = log.with_scan(agent("nobody"), log.size());
    let leaves = &mut scan.scan.as_mut().unwrap().leaves;
    leaves.splice(0..2, [pair.clone()]);
    assert_eq!(log.open(&scan).unwrap_err().to_string(), "a scanned leaf that is neither a row's nor a seal");
    let mut sealed = log.with_map(call(1), log.size());
    sealed.seal.as_mut().unwrap().leaf = pair;
    assert_eq!(log.open(&sealed).unwrap_err().to_string(), "64 bytes are no seal leaf");
    // And there is no place in a bundle for the hash of a row's leaf.
    let text = serde_json::to_string(&log.bundle(action("a", "price"), log.size())).unwrap();
    for key in ["leaf_hash", "leaf", "row_hash"] {
        let given = text.replacen("\"rows\":[{", &format!("\"rows\":[{{\"{key}\":\"\","), 1);
        assert_eq!(Bundle::parse(&given).unwrap_err().code(), "malformed", "{key}");
    }
}
