//! Checkpoints.

use crate::known;
use vouchsafe_fuzz::fuzz;
use vouchsafe_ledger::{Checkpoint, SigningKey};

#[test]
fn a_checkpoint_that_parses_is_written_as_the_same_value_and_can_be_signed() {
    let known = known();
    fuzz(env!("CARGO_MANIFEST_DIR"), "note", |input| {
        let Ok(note) = std::str::from_utf8(input) else { return };
        let text = note.rfind("\n\n").map_or(note, |end| &note[..=end]);
        let parsed = Checkpoint::parse(text);
        if let Ok(checkpoint) = &parsed {
            // Behind it are extension lines at most.
            assert!(text.starts_with(&checkpoint.text()));
            assert_eq!(Checkpoint::parse(&checkpoint.text()).as_ref(), Ok(checkpoint));
            if let Ok(key) = SigningKey::from_seed(&[1; 32]).with_origin(&checkpoint.origin) {
                let opened = Checkpoint::open(&checkpoint.sign(&key), &[key.verifier()]);
                let has_control_characters = checkpoint.text().contains(|c: char| c < ' ' && c != '\n');
                assert!(has_control_characters || opened.as_ref() == Ok(checkpoint), "{opened:?}");
            }
        }
        if let Ok(opened) = Checkpoint::open(note, &known) {
            assert_eq!(parsed, Ok(opened));
        }
    });
}
