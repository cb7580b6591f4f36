//! Signed notes.

use crate::known;
use vouchsafe_fuzz::fuzz;
use vouchsafe_ledger::note;

#[test]
fn a_note_that_opens_opens_by_each_signer_alone_and_for_nobody_else() {
    let known = known();
    fuzz(env!("CARGO_MANIFEST_DIR"), "note", |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let Ok(opened) = note::open(text, &known) else { return };
        assert!(text.starts_with(opened.text) && opened.text.ends_with('\n'));
        assert!(!opened.signers.is_empty() && opened.signers.len() <= known.len());
        for key in &known {
            let alone = note::open(text, std::slice::from_ref(key));
            assert_eq!(alone.is_ok_and(|alone| alone.text == opened.text), opened.signers.contains(&key), "{key}");
        }
    });
}
