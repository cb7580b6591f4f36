//! Conditions of the claim and of the evaluator.

use crate::scene::{Scene, answered};
use serde_json::json;
use vouchsafe_core::exchange::Exchange;
use vouchsafe_core::expectation::Expect;
use vouchsafe_core::row::Kind;
use vouchsafe_core::verdict::Reason;

#[test]
fn only_what_the_evaluator_accepts_counts() {
    let mut scene = Scene::of([answered("42")]);
    for (expect, reason) in [
        (json!({}), Reason::Supported),
        (json!({"endpoints": ["https://api.example.com"]}), Reason::Supported),
        (json!({"endpoints": ["https://other.example", "https://api.example.com/v1/{what}"]}), Reason::Supported),
        (json!({"endpoints": ["https://api.example.com.evil.net"]}), Reason::UntrustedEndpoint),
        (json!({"endpoints": ["http://api.example.com"]}), Reason::UntrustedEndpoint),
        (json!({"endpoints": []}), Reason::UntrustedEndpoint),
        (json!({"actions": ["price"]}), Reason::Supported),
        (json!({"actions": ["pric"]}), Reason::UntrustedEndpoint),
        (json!({"agentIds": ["agent"]}), Reason::Supported),
        (json!({"agentIds": ["someone"]}), Reason::UntrustedEndpoint),
        (json!({"kinds": ["http", "tool"]}), Reason::Supported),
        (json!({"kinds": ["tool"]}), Reason::UntrustedEndpoint),
        (json!({"maxAgeMs": 1000}), Reason::Supported),
        (json!({"maxAgeMs": 999}), Reason::Stale),
    ] {
        scene.expect = Some(expect.clone());
        assert_eq!(scene.reason(&json!({"equals": 42})), reason, "{expect}");
    }
}

#[test]
fn a_claim_never_widens_what_the_evaluator_accepts() {
    let mut scene = Scene::of([answered("42")]);
    scene.expect = Some(json!({"endpoints": ["https://other.example"], "maxAgeMs": 1}));
    let claim = json!({"equals": 42, "url": "https://api.example.com", "maxAgeMs": 100_000});
    assert_eq!(scene.reason(&claim), Reason::UntrustedEndpoint);
    scene.expect = Some(json!({"maxAgeMs": 1}));
    assert_eq!(scene.reason(&claim), Reason::Stale);
}

#[test]
fn an_expectation_is_read_strictly() {
    for json in [
        json!({"endpoint": []}),
        json!({"endpoints": ["api.example.com"]}),
        json!({"kinds": ["HTTP"]}),
        json!({"maxAgeMs": -1}),
        json!([]),
    ] {
        assert!(Expect::parse(&json).is_err(), "{json}");
    }
}

#[test]
fn the_claims_url_is_a_condition() {
    let scene = Scene::of([answered("42")]);
    for (url, reason) in [
        ("https://api.example.com/v1/price?q=tea", Reason::Supported),
        ("https://API.example.com:443/v1/price?q=tea", Reason::Supported),
        ("https://api.example.com", Reason::Supported),
        ("https://api.example.com/v1/{what}", Reason::Supported),
        ("https://api.example.com/v1/price?q=coffee", Reason::Contradicted),
        ("https://api.example.com/v2", Reason::Contradicted),
        ("http://api.example.com", Reason::Contradicted),
        ("price", Reason::Contradicted),
    ] {
        assert_eq!(scene.reason(&json!({"equals": 42, "url": url})), reason, "{url}");
    }
}

#[test]
fn a_url_that_is_redacted_in_part_is_compared_as_far_as_it_is_seen() {
    let scene = Scene::of([Exchange { url: Some("https://api.example.com/v1?key=k".to_owned()), ..answered("42") }]);
    for (url, reason) in [
        ("https://api.example.com/v1", Reason::Supported),
        ("https://api.example.com/v1?key=k", Reason::Unverifiable),
        ("https://other.example/v1?key=k", Reason::Contradicted),
    ] {
        assert_eq!(scene.reason(&json!({"equals": 42, "url": url})), reason, "{url}");
    }
}

#[test]
fn a_claim_about_another_agent_is_contradicted() {
    let scene = Scene::of([answered("42")]);
    let row = scene.rows[0].row.id.clone();
    assert_eq!(scene.reason(&json!({"rowId": row, "equals": 42, "agentId": "agent"})), Reason::Supported);
    assert_eq!(scene.reason(&json!({"rowId": row, "equals": 42, "agentId": "other"})), Reason::Contradicted);
}

#[test]
fn evidence_older_than_the_claim_allows_is_stale() {
    let mut scene = Scene::of([answered("42")]);
    let claim = json!({"equals": 42, "maxAgeMs": 1000});
    assert_eq!(scene.reason(&claim), Reason::Supported);
    scene.age_ms = 1001;
    assert_eq!(scene.reason(&claim), Reason::Stale);
    assert_eq!(scene.reason(&json!({"equals": 41})), Reason::Contradicted);
}

#[test]
fn a_model_is_no_evidence_unless_the_evaluator_says_so() {
    let mut scene = Scene::of([Exchange { kind: Kind::Model, ..answered("42") }]);
    let by_id = json!({"rowId": scene.rows[0].row.id, "equals": 42});
    let latest = json!({"equals": 42});
    assert_eq!(scene.reason(&by_id), Reason::UntrustedEndpoint);
    assert_eq!(scene.reason(&latest), Reason::NoEvidence);
    scene.expect = Some(json!({"kinds": ["model"]}));
    assert_eq!(scene.reason(&by_id), Reason::Supported);
    assert_eq!(scene.reason(&latest), Reason::Supported);
}
