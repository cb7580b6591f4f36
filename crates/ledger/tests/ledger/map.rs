//! The map against torchwood's known answers.

use serde_json::Value;
use vouchsafe_ledger::map::{MapProof, OtherLeaf};

use crate::map_in_memory::naive_root;
use crate::vectors::{TLOG, hash, list, text};

/// Go's binary form: for an absent key the other leaf, then bit and sibling of each step.
fn read(proof: &str, value: Option<Vec<u8>>) -> Option<MapProof> {
    let bytes = hex::decode(proof).ok()?;
    let mut rest = &bytes[..];
    let uvarint = |rest: &mut &[u8]| -> Option<usize> {
        let mut number = 0;
        for place in 0.. {
            let (byte, after) = rest.split_first()?;
            *rest = after;
            number |= usize::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(number)
    };
    let take = |rest: &mut &[u8], length: usize| -> Option<Vec<u8>> {
        let (taken, after) = rest.split_at_checked(length)?;
        *rest = after;
        Some(taken.to_vec())
    };
    let mut other = None;
    if value.is_none() && !rest.is_empty() {
        let length = uvarint(&mut rest)?;
        let key = take(&mut rest, length)?;
        let length = uvarint(&mut rest)?;
        other = Some(OtherLeaf { key: key.try_into().ok()?, value: take(&mut rest, length)? });
    }
    let mut path = Vec::new();
    while !rest.is_empty() {
        let bit = u8::try_from(uvarint(&mut rest)?).ok()?;
        path.push((bit, take(&mut rest, 32)?.try_into().ok()?));
    }
    Some(MapProof { value, path, other })
}

#[test]
fn every_map_case_of_the_vectors_comes_out_as_it_says() {
    let cases = list(&TLOG["map_mpt_torchwood"]);
    assert_eq!(cases.len(), 64);
    for case in cases {
        let value = case["val"].as_str().map(|text| hex::decode(text).unwrap());
        let (root, key) = (hash(&case["root"]).unwrap(), hash(&case["key"]).unwrap());
        let proof = read(text(&case["proof"]), value);
        let holds = proof.is_some_and(|proof| proof.verify(&root, &key).is_ok());
        assert_eq!(Value::Bool(holds), case["ok"], "{}", case["desc"]);
    }
}

/// The lines of one of torchwood's files: a word, and its hex arguments.
fn lines(file: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    file.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut words = line.split(' ');
        (words.next().unwrap(), words.map(|word| if word == "''" { "" } else { word }).collect())
    })
}

#[test]
fn every_tree_of_torchwoods_with_keys_of_our_length_has_the_known_root() {
    let (mut leaves, mut checked) = (Some(Vec::new()), 0);
    for (word, arguments) in lines(include_str!("../vectors/mpt/treehash-subset.txt")) {
        let bytes = |at: usize| hex::decode(arguments[at]).unwrap();
        if word == "kv" {
            // A key of another length leaves its tree out.
            leaves = leaves.zip(bytes(0).try_into().ok()).map(|(mut leaves, key)| {
                leaves.push((key, bytes(1)));
                leaves
            });
        } else if let Some(mut leaves) = leaves.replace(Vec::new()) {
            leaves.sort();
            assert_eq!(naive_root(&leaves).to_vec(), bytes(0));
            checked += 1;
        }
    }
    assert_eq!(checked, 7);
}

#[test]
fn every_proof_of_torchwoods_with_keys_of_our_length_comes_out_as_it_says() {
    let mut checked = 0;
    for case in lines(include_str!("../vectors/mpt/verify-subset.txt")).collect::<Vec<_>>().chunks(5) {
        let [(_, snap), (_, key), (_, value), (_, proof), (_, expected)] = case else { panic!("five lines a case") };
        let value = (value[0] != "-").then(|| hex::decode(value[0]).unwrap());
        let Ok(key) = hex::decode(key[0]).unwrap().try_into() else { continue };
        let root = hex::decode(snap[0]).unwrap().try_into().unwrap();
        let holds = read(&proof.concat(), value).is_some_and(|proof| proof.verify(&root, &key).is_ok());
        assert_eq!(holds.to_string(), expected[0], "{case:?}");
        checked += 1;
    }
    assert_eq!(checked, 8);
}
