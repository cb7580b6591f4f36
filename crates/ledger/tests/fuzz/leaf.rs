//! Leaves, and the values of the map.

use vouchsafe_fuzz::fuzz;
use vouchsafe_ledger::map::MapValue;
use vouchsafe_ledger::{RowLeaf, Seal};

#[test]
fn a_leaf_that_decodes_is_encoded_as_the_same_bytes() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "leaf", |input| {
        let (row, seal) = (RowLeaf::decode(input), Seal::decode(input));
        assert!(row.is_err() || seal.is_err());
        if let Ok(leaf) = row {
            assert_eq!(leaf.encode(), input);
        }
        if let Ok(leaf) = seal {
            assert_eq!(leaf.encode(), input);
        }
        if let Some(value) = MapValue::decode(input) {
            assert_eq!(value.encode(), input);
        }
    });
}
