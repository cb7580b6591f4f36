//! Queries.

use serde_json::Value;
use vouchsafe_core::query::Query;
use vouchsafe_fuzz::fuzz;

#[test]
fn a_query_that_parses_says_what_its_text_says_and_has_one_encoding() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "query", |input| {
        let Ok(query) = serde_json::from_slice::<Query>(input) else { return };
        let canonical = query.canonical();
        let again: Query = serde_json::from_str(&canonical).expect("what is written is read");
        assert_eq!(again, query);
        assert_eq!(again.id(&[7; 32]), query.id(&[7; 32]));
        assert_eq!(again.map_key(), query.map_key());
        let value = |text: &[u8]| serde_json::from_slice::<Value>(text).expect("JSON");
        assert_eq!(value(canonical.as_bytes()), value(input));
    });
}
