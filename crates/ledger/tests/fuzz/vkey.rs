//! Verifier keys.

use vouchsafe_fuzz::fuzz;
use vouchsafe_ledger::VerifierKey;

#[test]
fn a_vkey_that_parses_is_written_as_the_same_text() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "vkey", |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let Ok(key) = VerifierKey::parse(text) else { return };
        assert_eq!(key.to_string(), text);
        assert!(text.starts_with(&format!("{}+{}", key.name(), hex::encode(key.id()))));
    });
}
