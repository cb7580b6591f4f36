//! Canonical rows.

use serde_json::Value;
use vouchsafe_core::row::Row;
use vouchsafe_fuzz::fuzz;

#[test]
fn a_row_that_parses_says_what_its_text_says_and_has_one_encoding() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "row", |input| {
        let Ok(row) = serde_json::from_slice::<Row>(input) else { return };
        let canonical = row.canonical();
        let again: Row = serde_json::from_str(&canonical).expect("what is written is read");
        assert_eq!(again, row);
        assert_eq!(again.hash(), row.hash());
        let value = |text: &[u8]| serde_json::from_slice::<Value>(text).expect("JSON");
        assert_eq!(value(canonical.as_bytes()), value(input));
    });
}
