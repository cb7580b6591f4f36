//! Verdicts in the public API's shapes.

use serde_json::json;
use vouchsafe_core::verdict::{
    ClaimVerdict, Counts, Coverage, Covers, Evidence, Outcome, ProofSummary, Reason, Timings, Trust, Verdict,
};

#[test]
fn caught_outranks_error_and_error_outranks_pass() {
    use Outcome::{Caught, Error, Pass};
    for (outcomes, overall) in
        [(vec![], Error), (vec![Pass, Pass], Pass), (vec![Pass, Error], Error), (vec![Error, Caught, Pass], Caught)]
    {
        assert_eq!(Outcome::overall(outcomes.clone()), overall, "{outcomes:?}");
    }
}

#[test]
fn each_reason_has_its_outcome_and_its_word() {
    for (reason, outcome, word) in [
        (Reason::Supported, "PASS", "supported"),
        (Reason::Contradicted, "CAUGHT", "contradicted"),
        (Reason::PathMissing, "CAUGHT", "path_missing"),
        (Reason::NoEvidence, "CAUGHT", "no_evidence"),
        (Reason::FailedExchange, "CAUGHT", "failed_exchange"),
        (Reason::Stale, "CAUGHT", "stale"),
        (Reason::UntrustedEndpoint, "CAUGHT", "untrusted_endpoint"),
        (Reason::ProofInvalid, "CAUGHT", "proof_invalid"),
        (Reason::Unverifiable, "ERROR", "unverifiable"),
        (Reason::BackendUnavailable, "ERROR", "backend_unavailable"),
        (Reason::Timeout, "ERROR", "timeout"),
    ] {
        assert_eq!(serde_json::to_value(reason).expect("JSON"), json!(word));
        assert_eq!(serde_json::to_value(reason.outcome()).expect("JSON"), json!(outcome));
    }
}

#[test]
fn a_verdict_is_the_json_of_the_public_api() {
    let claim = ClaimVerdict {
        outcome: Outcome::Pass,
        reason: Reason::Supported,
        message: "It is so.".to_owned(),
        claim: json!({"equals": {"bigint": "9007199254740993"}}),
        claimed: serde_json::from_str("9007199254740993").expect("a number"),
        actual: serde_json::from_str("9007199254740993").expect("a number"),
        path: "$".to_owned(),
        evidence: Some(Evidence {
            row_id: "r".to_owned(),
            kind: "http".to_owned(),
            call_ref: None,
            run_id: None,
            action: "a".to_owned(),
            url: None,
            status: Some(200),
            at: "2026-09-21T14:13:20.200Z".to_owned(),
            candidates: 1,
            query_id: None,
        }),
        proof: Some(ProofSummary {
            index: "0".to_owned(),
            size: "2".to_owned(),
            root: "AA==".to_owned(),
            covers: Covers::Row,
            form: None,
            trust: Trust::Proof,
            limits: "It shows this exchange alone.".into(),
            bundle: None,
        }),
    };
    let verdict = Verdict {
        outcome: Outcome::Pass,
        run_id: "run".to_owned(),
        claims: vec![claim],
        errors: vec![],
        checkpoint: None,
        counts: Counts { claims: 1, records: 1, requests: 0, polls: 0 },
        timings: Timings { total_ms: 1.5, ..Timings::default() },
        coverage: Coverage {
            channels: vec!["undici".to_owned()],
            since: "2026-09-21T14:13:20.200Z".to_owned(),
            gaps: 0,
        },
    };
    let text = serde_json::to_string(&verdict).expect("JSON");
    assert_eq!(
        text,
        concat!(
            r#"{"outcome":"PASS","runId":"run","claims":[{"outcome":"PASS","reason":"supported","message":"It is so.","#,
            r#""claim":{"equals":{"bigint":"9007199254740993"}},"claimed":9007199254740993,"actual":9007199254740993,"#,
            r#""path":"$","evidence":{"rowId":"r","kind":"http","callRef":null,"runId":null,"action":"a","url":null,"#,
            r#""status":200,"at":"2026-09-21T14:13:20.200Z","candidates":1,"queryId":null},"proof":{"index":"0","#,
            r#""size":"2","root":"AA==","covers":"row","form":null,"trust":"proof","limits":"It shows this exchange alone."}}],"errors":[],"checkpoint":null,"#,
            r#""counts":{"claims":1,"records":1,"requests":0,"polls":0},"timings":{"fenceMs":0.0,"queryMs":0.0,"#,
            r#""proveMs":0.0,"fetchMs":0.0,"verifyMs":0.0,"totalMs":1.5},"coverage":{"channels":["undici"],"#,
            r#""since":"2026-09-21T14:13:20.200Z","gaps":0}}"#
        )
    );
    assert_eq!(serde_json::from_str::<Verdict>(&text).expect("a verdict"), verdict);
}
