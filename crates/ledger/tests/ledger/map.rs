//! The map against torchwood's known answers.

use serde_json::Value;
use vouchsafe_ledger::map::{MapProof, OtherLeaf};

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
