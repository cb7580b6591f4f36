//! What an exchange's content says.

use crate::scene::{Scene, answered, body};
use serde_json::{Value, json};
use vouchsafe_core::exchange::Exchange;
use vouchsafe_core::row::{Kind, Outcome as Ending, Source};
use vouchsafe_core::verdict::{Outcome, Reason};

fn on(exchange: Exchange, claim: &Value) -> Reason {
    Scene::of([exchange]).reason(claim)
}

#[test]
fn a_judgement_names_claimed_and_actual_value_path_and_source() {
    let judgement = Scene::of([answered(r#"{"price": 41.50}"#)]).judge(&json!({"path": "$.price", "equals": 42}));
    assert_eq!(judgement.outcome, Outcome::Caught);
    assert_eq!(judgement.reason, Reason::Contradicted);
    assert_eq!(
        judgement.message,
        "The claim says that `$.price` in the response of `price` (status 200, at 2026-09-21T14:13:20.200Z) equals 42, \
         but it is 41.50."
    );
    assert_eq!(judgement.claimed, json!(42));
    assert_eq!(judgement.actual.expect("a value").to_string(), "41.50");
    assert_eq!((judgement.path.as_str(), judgement.evidence, judgement.candidates), ("$.price", Some(0), 1));
}

#[test]
fn each_part_can_be_claimed() {
    let scene = Scene::of([answered(r#"{"price": 42, "items": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]}"#)]);
    for claim in [
        json!({"path": "$.price", "equals": 42}),
        json!({"path": "price", "approx": {"value": 40, "abs": 2}}),
        json!({"path": "items[?@.id == 2].n", "equals": "b"}),
        json!({"path": "$.items[*].id", "between": {"min": 1, "max": 2}}),
        json!({"path": "$.items[*].n", "equals": ["a", "b"]}),
        json!({"path": "$.items[?@.id == 2].n", "equals": ["b"]}),
        json!({"path": "$.items", "contains": {"n": "a", "id": 1}}),
        json!({"contains": {"price": 42}}),
        json!({"matches": {"required": ["price"]}}),
        json!({"part": "status", "equals": 200}),
        json!({"part": "status", "between": {"min": 200, "max": 299}}),
        json!({"part": "headers", "path": "content-type", "contains": "json"}),
        json!({"part": "headers", "path": "x-two", "equals": "1, 2"}),
        json!({"part": "request", "path": "method", "equals": "POST"}),
        json!({"part": "request", "path": "url", "contains": "q=tea"}),
        json!({"part": "request", "path": "headers.content-type", "equals": "application/json"}),
        json!({"part": "request", "path": "body.q", "equals": "tea"}),
    ] {
        assert_eq!(scene.reason(&claim), Reason::Supported, "{claim}: {}", scene.judge(&claim).message);
    }
    for claim in [
        json!({"path": "$.items[?@.id == 2].n", "equals": ["b", "b"]}),
        json!({"path": "$.price", "equals": "42"}),
        json!({"part": "status", "equals": 201}),
        json!({"part": "request", "path": "body.q", "equals": "coffee"}),
    ] {
        assert_eq!(scene.reason(&claim), Reason::Contradicted, "{claim}");
    }
}

#[test]
fn a_path_to_nowhere_is_missing_and_says_what_there_is() {
    let scene = Scene::of([answered(r#"{"price": 42, "unit": "EUR"}"#)]);
    let judgement = scene.judge(&json!({"path": "$.cost", "equals": 42}));
    assert_eq!(judgement.reason, Reason::PathMissing);
    assert!(judgement.message.contains("an object with the keys price, unit"), "{}", judgement.message);
    assert_eq!(judgement.actual, None);
    assert_eq!(scene.reason(&json!({"part": "headers", "path": "Content-Type", "equals": ""})), Reason::PathMissing);
    for (response, path) in [("", "$"), ("[]", "$[0]"), ("text", "$.a"), ("[1]", "$[?@ > 1]")] {
        assert_eq!(on(answered(response), &json!({"path": path, "equals": 1})), Reason::PathMissing, "{response}");
    }
    assert_eq!(
        on(Exchange { response: None, status: Some(204), ..answered("") }, &json!({"equals": ""})),
        Reason::PathMissing
    );
}

#[test]
fn text_and_event_streams_can_be_claimed() {
    let with_type = |content_type: &str, bytes: &[u8]| Exchange {
        response_headers: Some(format!("content-type: {content_type}\n")),
        response: Some(body(bytes)),
        ..answered("")
    };
    for (exchange, claim) in [
        (with_type("text/html", b"<b>42</b>"), json!({"contains": "42"})),
        (with_type("text/plain; charset=latin1", b"caf\xE9"), json!({"equals": "cafe\u{301}"})),
        (
            with_type("text/event-stream", b"data: {\"p\": 42}\n\ndata: [DONE]\n\n"),
            json!({"path": "$[0].p", "equals": 42}),
        ),
        (with_type("text/event-stream", b"data: {\"p\": 42}\n\ndata: x\n\n"), json!({"path": "$..p", "equals": 42})),
        (with_type("text/plain", b"{\"p\": 42}"), json!({"path": "p", "equals": 42})),
    ] {
        assert_eq!(on(exchange, &claim), Reason::Supported, "{claim}");
    }
}

#[test]
fn a_failed_response_is_compared_first() {
    let failed = Exchange { status: Some(404), ..answered(r#"{"error": "no such item"}"#) };
    for (claim, reason) in [
        (json!({"path": "error", "contains": "no such"}), Reason::Supported),
        (json!({"part": "status", "equals": 404}), Reason::Supported),
        (json!({"part": "status", "equals": 200}), Reason::FailedExchange),
        (json!({"path": "price", "equals": 42}), Reason::FailedExchange),
        (json!({"path": "error", "equals": "x"}), Reason::FailedExchange),
    ] {
        assert_eq!(on(failed.clone(), &claim), reason, "{claim}");
    }
}

#[test]
fn without_a_response_nothing_is_supported() {
    for outcome in [Ending::Error, Ending::Aborted] {
        let refused = Exchange {
            status: None,
            outcome: Some(outcome),
            error: Some("ECONNREFUSED".to_owned()),
            response: None,
            response_headers: None,
            ..answered("")
        };
        for claim in [json!({"equals": 1}), json!({"part": "request", "path": "method", "equals": "POST"})] {
            let judgement = Scene::of([refused.clone()]).judge(&claim);
            assert_eq!(judgement.reason, Reason::FailedExchange, "{claim}");
            assert!(judgement.message.contains("ECONNREFUSED"), "{}", judgement.message);
        }
    }
}

#[test]
fn a_self_reported_tool_is_compared_where_it_is_accepted() {
    let tool = Exchange {
        kind: Kind::Tool,
        source: Source::RecordTool,
        status: None,
        url: None,
        method: None,
        request_headers: None,
        response_headers: None,
        ..answered(r#"{"rows": 3}"#)
    };
    let mut scene = Scene::of([tool]);
    let claim = json!({"path": "rows", "equals": 3});
    assert_eq!(scene.reason(&claim), Reason::UntrustedEndpoint);
    scene.expect = Some(json!({"kinds": ["http", "tool"]}));
    assert_eq!(scene.reason(&claim), Reason::Supported);
    assert_eq!(scene.reason(&json!({"part": "request", "path": "body.q", "equals": "tea"})), Reason::Supported);
    assert_eq!(scene.reason(&json!({"part": "status", "equals": 200})), Reason::Unverifiable);
    assert_eq!(scene.reason(&json!({"part": "headers", "path": "a", "equals": 1})), Reason::Unverifiable);
    scene.expect = Some(json!({"kinds": ["http", "tool"], "endpoints": ["https://api.example.com"]}));
    assert_eq!(scene.reason(&claim), Reason::UntrustedEndpoint);
}

#[test]
fn a_schema_that_is_too_expensive_decides_nothing() {
    let scene = Scene::of([answered(&format!(r#"[{{"a": {}1{}}}]"#, "[".repeat(60), "]".repeat(60)))]);
    let tree = json!({"items": {"allOf": [{"$ref": "#/$defs/tree"}, {"$ref": "#/$defs/tree"}]}});
    let a = json!({"properties": {"a": {"$ref": "#/$defs/tree"}}});
    for claim in [
        json!({"path": "[0]", "matches": {"allOf": [a], "$defs": {"tree": tree}}}),
        // One that could have been several is compared as a list as well, and only that costs much here.
        json!({"path": "$[*]", "matches": {"type": "array", "items": a, "$defs": {"tree": tree}}}),
    ] {
        let judgement = scene.judge(&claim);
        assert_eq!(judgement.reason, Reason::Unverifiable);
        assert!(judgement.message.contains("too expensive"), "{}", judgement.message);
    }
    let singular = json!({"path": "[0]", "matches": {"type": "array", "items": a, "$defs": {"tree": tree}}});
    assert_eq!(scene.reason(&singular), Reason::Contradicted);
}
