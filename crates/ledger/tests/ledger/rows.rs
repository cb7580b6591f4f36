//! Known answers: row leaves and seals.

use crate::vectors::{ROWS, bytes, hash, list, number, parse};
use vouchsafe_core::row::Row;
use vouchsafe_ledger::{EMPTY_MAP_ROOT, RowLeaf, Seal, leaf_hash};

#[test]
fn every_known_row_has_its_known_leaf() {
    for case in list(&ROWS["rows"]) {
        let row: Row = parse(&case["row"]);
        let leaf = RowLeaf::of(&row, number(&case["row_seq"]), number(&case["time_us"]));
        assert_eq!(Some(leaf.row_hash), hash(&case["row_hash"]));
        assert_eq!(leaf.encode().to_vec(), bytes(&case["leaf"]), "{case}");
        assert_eq!(Some(leaf_hash(&leaf.encode())), hash(&case["leaf_hash"]));
        assert_eq!(RowLeaf::decode(&leaf.encode()), Ok(leaf));
    }
}

#[test]
fn every_known_seal_has_its_known_leaf() {
    for case in list(&ROWS["seals"]) {
        let seal = Seal {
            first_index: number(&case["first_index"]),
            rows: number(&case["rows"]),
            previous_seal_index: number(&case["previous_seal_index"]),
            map_root: hash(&case["map_root"]).unwrap(),
            time_us: number(&case["time_us"]),
        };
        assert_eq!(seal.encode().to_vec(), bytes(&case["leaf"]), "{case}");
        assert_eq!(Some(leaf_hash(&seal.encode())), hash(&case["leaf_hash"]));
        assert_eq!(Seal::decode(&seal.encode()), Ok(seal));
    }
    let first = Seal::decode(&bytes(&ROWS["seals"][0]["leaf"])).unwrap();
    assert_eq!((first.previous_seal_index, first.map_root), (Seal::NONE, EMPTY_MAP_ROOT));
}

#[test]
fn a_leaf_of_another_length_or_type_is_refused() {
    let row = bytes(&ROWS["rows"][0]["leaf"]);
    let seal = bytes(&ROWS["seals"][0]["leaf"]);
    assert!(RowLeaf::decode(&row[..112]).is_err());
    assert!(RowLeaf::decode(&[&row[..], &[0]].concat()).is_err());
    assert!(RowLeaf::decode(&[&[2], &row[1..]].concat()).is_err());
    assert!(RowLeaf::decode(&[]).is_err());
    assert!(Seal::decode(&seal[..64]).is_err());
    assert!(Seal::decode(&[&seal[..], &[0]].concat()).is_err());
    assert!(Seal::decode(&[&[1], &seal[1..]].concat()).is_err());
}
