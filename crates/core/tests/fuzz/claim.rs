//! Claims of the public API.

use serde_json::json;
use vouchsafe_core::body::parse_json;
use vouchsafe_core::claim::{Claim, Comparator};
use vouchsafe_core::comparison::compare;
use vouchsafe_fuzz::fuzz;

#[test]
fn a_claim_that_parses_is_written_as_itself_and_holds_of_what_it_claims() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "claim", |input| {
        let Ok(json) = parse_json(input) else { return };
        let Ok(claim) = Claim::parse(&json, 0) else { return };
        let written = serde_json::to_string(&claim).expect("a claim is plain data");
        let again: Claim = serde_json::from_str(&written).expect("what is written is read");
        assert_eq!(again.json(), &json);
        assert_eq!(format!("{again:?}"), format!("{claim:?}"));
        assert_eq!(again.query("_default", Some("run")), claim.query("_default", Some("run")));
        for actual in [&json, &json!([json, 41, "é", null]), &json!("41.0"), &json!(41)] {
            assert_eq!(compare(actual, &again.comparator), compare(actual, &claim.comparator));
        }
        if let Comparator::Equals(value) = &claim.comparator {
            assert_eq!(compare(value, &claim.comparator), Ok(()));
        }
    });
}
