//! Bundles, read and checked against the checkpoint that they carry.

use crate::known;
use serde_json::Value;
use vouchsafe_fuzz::fuzz;
use vouchsafe_ledger::Bundle;

#[test]
fn a_bundle_that_is_accepted_is_accepted_when_it_is_written_again() {
    let known = known();
    fuzz(env!("CARGO_MANIFEST_DIR"), "bundle", |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let Ok(bundle) = Bundle::parse(text) else { return };
        let written = serde_json::to_string(&bundle).expect("a bundle is plain data");
        let again = Bundle::parse(&written).expect("what is written is read");
        assert_eq!(again, bundle);
        let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(value(&written), value(text));
        match (bundle.open(&known), again.open(&known)) {
            (Ok(opened), Ok(again)) => {
                assert_eq!((opened.checkpoint, opened.seal), (again.checkpoint, again.seal));
                assert!(opened.rows.iter().all(|row| bundle.query.selects(row.row)));
            }
            (Err(error), Err(again)) => assert_eq!(error, again),
            (first, again) => panic!("{first:?}, then {again:?}"),
        }
        assert!(bundle.open(&[]).is_err());
    });
}
