//! Payloads, evaluated with a key alone.

use serde_json::{Value, json};
use vouchsafe_engine::evaluate_offline;
use vouchsafe_fuzz::fuzz;
use vouchsafe_ledger::{Bundle, VerifierKey};

/// The verdict, without what differs from time to time.
fn verdict(payload: &str, options: &Value) -> Option<Value> {
    let verdict = evaluate_offline(payload, &options.to_string()).ok()?;
    let mut verdict: Value = serde_json::from_str(&verdict).expect("a verdict is JSON");
    verdict.as_object_mut().expect("an object").remove("timings");
    Some(verdict)
}

#[test]
fn what_a_payload_proves_is_proven_by_each_verdicts_own_bundle_and_never_without_the_key() {
    let options: Value = serde_json::from_str(include_str!("options.json")).expect("options");
    let mut without_key = options.clone();
    without_key["verifierKeys"] = json!([]);
    let known = [VerifierKey::parse(options["verifierKeys"][0].as_str().expect("a vkey")).expect("a vkey")];
    fuzz(env!("CARGO_MANIFEST_DIR"), "payload", |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let Some(first) = verdict(text, &options) else { return };
        for claim in first["claims"].as_array().expect("a list") {
            let Some(bundle) = claim["proof"]["bundle"].as_str() else { continue };
            let bundle = Bundle::parse(bundle).expect("what is written is read");
            let opened = bundle.open(&known).expect("a proof that was accepted");
            assert!(opened.rows.iter().any(|row| claim["evidence"]["rowId"] == row.row.id.as_str()), "{claim}");
        }
        // A proof's text may hold what no JSON value can, half a surrogate pair: then there is nothing to write again.
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            let again = verdict(&value.to_string(), &options).expect("what is written is read");
            // What proves nothing may prove something when a key that it gives twice is there once.
            assert!(first["outcome"] != "PASS" || again == first, "{again}");
        }
        let blind = verdict(text, &without_key).expect("the same payload");
        assert!(blind["claims"].as_array().expect("a list").iter().all(|claim| claim["proof"].is_null()), "{blind}");
        assert_ne!(blind["outcome"], "PASS");
    });
}
