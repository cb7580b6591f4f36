//! What cannot be seen decides nothing.

use crate::scene::{Scene, answered, body};
use serde_json::json;
use vouchsafe_core::exchange::{Body, Exchange};
use vouchsafe_core::row::{Context, Outcome as Ending};
use vouchsafe_core::verdict::Reason;

#[test]
fn a_redacted_place_is_unverifiable_and_its_neighbours_are_not() {
    let response =
        r#"{"access_token": "x", "secret": {"a": 1}, "id": 1, "users": [{"password": "p", "id": 7}, {"id": 8}]}"#;
    let scene = Scene::of([answered(response)]);
    for (claim, reason) in [
        (json!({"path": "id", "equals": 1}), Reason::Supported),
        (json!({"path": "id", "equals": 2}), Reason::Contradicted),
        (json!({"path": "nothing", "equals": 2}), Reason::PathMissing),
        (json!({"path": "access_token", "equals": "x"}), Reason::Unverifiable),
        (json!({"path": "access_token", "equals": "[redacted]"}), Reason::Unverifiable),
        (json!({"path": "secret.a", "equals": 1}), Reason::Unverifiable),
        (json!({"path": "$.secret.a.b", "equals": 1}), Reason::Unverifiable),
        (json!({"path": "$", "contains": {"id": 1}}), Reason::Unverifiable),
        (json!({"path": "users", "contains": {"id": 8}}), Reason::Unverifiable),
        (json!({"path": "users[0]", "contains": {"id": 7}}), Reason::Unverifiable),
        (json!({"path": "users[1]", "equals": {"id": 8}}), Reason::Supported),
        (json!({"path": "users[0].id", "equals": 7}), Reason::Supported),
        (json!({"path": "users[*].id", "equals": [7, 8]}), Reason::Supported),
        (json!({"path": "users[?@.id == 7].id", "equals": 7}), Reason::Supported),
        (json!({"path": "users[?@.password == 'p'].id", "equals": 7}), Reason::Unverifiable),
        (json!({"path": "users[?@.password != 'p'].id", "equals": 8}), Reason::Unverifiable),
        (json!({"path": "users[?match(@.password, 'p')].id", "equals": 7}), Reason::Unverifiable),
        (json!({"path": "users[?@.password].id", "equals": 7}), Reason::Supported),
        (json!({"path": "$..a", "equals": 1}), Reason::Unverifiable),
    ] {
        assert_eq!(scene.reason(&claim), reason, "{claim}: {}", scene.judge(&claim).message);
    }
}

#[test]
fn redaction_elsewhere_hides_nothing_here() {
    let scene = Scene::of([answered(r#"{"price": 42, "note": "[redacted]"}"#)]);
    assert_eq!(scene.reason(&json!({"path": "price", "equals": 42})), Reason::Supported);
    assert_eq!(scene.reason(&json!({"path": "note", "equals": "[redacted]"})), Reason::Supported);
}

#[test]
fn redacted_headers_urls_and_request_fields_are_unverifiable() {
    let scene =
        Scene::of([Exchange { url: Some("https://api.example.com/v1?key=k&q=tea".to_owned()), ..answered("1") }]);
    for (claim, reason) in [
        (json!({"part": "headers", "path": "set-cookie", "equals": "a=b"}), Reason::Unverifiable),
        (json!({"part": "headers", "path": "x-two", "equals": "1, 2"}), Reason::Supported),
        (json!({"part": "headers", "path": "$", "contains": {"x-two": "1, 2"}}), Reason::Unverifiable),
        (json!({"part": "request", "path": "headers.authorization", "contains": "Bearer"}), Reason::Unverifiable),
        (json!({"part": "request", "path": "body.password", "equals": "x"}), Reason::Unverifiable),
        (json!({"part": "request", "path": "body.q", "equals": "tea"}), Reason::Supported),
        (json!({"part": "request", "path": "url", "contains": "tea"}), Reason::Unverifiable),
        (json!({"part": "request", "path": "method", "equals": "GET"}), Reason::Contradicted),
        (json!({"part": "request", "path": "$", "contains": {"method": "POST"}}), Reason::Unverifiable),
    ] {
        assert_eq!(scene.reason(&claim), reason, "{claim}: {}", scene.judge(&claim).message);
    }
}

#[test]
fn a_body_that_was_cut_is_unverifiable_and_its_status_is_not() {
    let long = format!(r#"{{"price": 42, "more": "{}"}}"#, "x".repeat(5000));
    let mut cut = answered("");
    cut.response =
        Some(Body { bytes: br#"{"price": 42"#.to_vec(), wire_length: 99, truncated: true, ..Body::default() });
    for exchange in [answered(&long), cut] {
        let scene = Scene::of([exchange]);
        assert_eq!(scene.reason(&json!({"path": "price", "equals": 42})), Reason::Unverifiable);
        assert_eq!(scene.reason(&json!({"contains": "42"})), Reason::Unverifiable);
        assert_eq!(scene.reason(&json!({"part": "request", "path": "body.q", "equals": "tea"})), Reason::Unverifiable);
        assert_eq!(scene.reason(&json!({"part": "request", "path": "method", "equals": "POST"})), Reason::Supported);
        assert_eq!(scene.reason(&json!({"part": "status", "equals": 200})), Reason::Supported);
    }
}

#[test]
fn an_exchange_that_broke_off_counts_where_its_body_is_whole_by_itself() {
    let aborted = |content_type: &str, bytes: &[u8]| {
        Scene::of([Exchange {
            outcome: Some(Ending::Aborted),
            response_headers: Some(format!("content-type: {content_type}\n")),
            response: Some(body(bytes)),
            ..answered("")
        }])
    };
    for (content_type, bytes, claim, reason) in [
        ("application/json", &b"{\"p\": 4}"[..], json!({"path": "p", "equals": 4}), Reason::Supported),
        ("application/json", b"{\"p\": 4", json!({"path": "p", "equals": 4}), Reason::Unverifiable),
        ("application/json", b"4", json!({"equals": 4}), Reason::Unverifiable),
        ("text/plain", b"four", json!({"contains": "four"}), Reason::Unverifiable),
        ("text/event-stream", b"data: 4\n\n", json!({"path": "$[0]", "equals": 4}), Reason::Supported),
        ("text/event-stream", b"data: 1\n\ndata: 4", json!({"path": "$[1]", "equals": 4}), Reason::Unverifiable),
    ] {
        assert_eq!(aborted(content_type, bytes).reason(&claim), reason, "{claim}");
    }
}

#[test]
fn bytes_that_are_not_disclosed_are_unverifiable() {
    let mut scene = Scene::of([answered(r#"{"price": 42}"#)]);
    let claims = [
        json!({"path": "price", "equals": 42}),
        json!({"part": "headers", "path": "x-two", "equals": "1, 2"}),
        json!({"part": "request", "path": "body.q", "equals": "tea"}),
        json!({"part": "request", "path": "body.nothing", "equals": "tea"}),
        json!({"part": "request", "path": "$..q", "equals": "tea"}),
        json!({"part": "request", "path": "headers.content-type", "equals": "x"}),
        json!({"part": "request", "path": "url", "equals": "x"}),
        json!({"url": "https://api.example.com", "part": "status", "equals": 200}),
    ];
    scene.rows[0].fields = vouchsafe_core::exchange::Fields::default();
    for claim in &claims {
        assert_eq!(scene.reason(claim), Reason::Unverifiable, "{claim}");
    }
    assert_eq!(scene.reason(&json!({"part": "status", "equals": 200})), Reason::Supported);
    assert_eq!(scene.reason(&json!({"part": "request", "path": "method", "equals": "POST"})), Reason::Supported);
    scene.expect = Some(json!({"endpoints": ["https://api.example.com"]}));
    assert_eq!(scene.reason(&json!({"part": "status", "equals": 200})), Reason::Unverifiable);
}

#[test]
fn bytes_that_the_row_does_not_commit_to_count_for_nothing() {
    let mut scene = Scene::of([Exchange { response: None, ..answered("") }]);
    scene.rows[0].fields.response = Some(b"42".to_vec());
    assert_eq!(scene.reason(&json!({"equals": 42})), Reason::PathMissing);
}

#[test]
fn text_without_its_content_type_is_unverifiable() {
    let mut scene = Scene::of([answered("data: 1\n\n")]);
    scene.rows[0].fields.response_headers = None;
    assert_eq!(scene.reason(&json!({"contains": "1"})), Reason::Unverifiable);
}

#[test]
fn a_body_that_was_not_kept_is_unverifiable() {
    let scene = Scene::of([Exchange { keep_bodies: false, ..answered("42") }]);
    assert_eq!(scene.reason(&json!({"equals": 42})), Reason::Unverifiable);
}

#[test]
fn uncertain_context_is_unverifiable() {
    let scene = Scene::of([Exchange { context: Some(Context::Uncertain), ..answered("42") }]);
    assert_eq!(scene.reason(&json!({"equals": 42})), Reason::Unverifiable);
}

#[test]
fn what_nests_too_deep_or_selects_too_much_is_unverifiable() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert_eq!(Scene::of([answered(&nested(129))]).reason(&json!({"equals": 1})), Reason::Unverifiable);
    let request = Exchange { request: Some(body(nested(129).as_bytes())), ..answered("1") };
    assert_eq!(
        Scene::of([request]).reason(&json!({"part": "request", "path": "body", "equals": 1})),
        Reason::Unverifiable
    );
    let deep = Scene::of([answered(&nested(60))]);
    let path = format!("${}", "[0,0]".repeat(40));
    assert_eq!(deep.reason(&json!({"path": path, "equals": 1})), Reason::Unverifiable);
}

#[test]
fn a_place_that_is_not_understood_hides_everything() {
    let mut scene = Scene::of([answered(r#"{"price": 42}"#)]);
    scene.rows[0].row.redacted = vec!["response:what?".to_owned()];
    assert_eq!(scene.reason(&json!({"path": "price", "equals": 42})), Reason::Unverifiable);
    scene.rows[0].row.redacted = vec!["response:$['other']".to_owned()];
    assert_eq!(scene.reason(&json!({"path": "price", "equals": 42})), Reason::Supported);
}

#[test]
fn a_body_with_a_key_that_is_not_read_is_unverifiable() {
    let scene = Scene::of([answered(r#"{"price": {"$serde_json::private::Number": "17"}, "id": 1}"#)]);
    for claim in [json!({"path": "price", "equals": 17}), json!({"path": "id", "equals": 1})] {
        let judgement = scene.judge(&claim);
        assert_eq!(judgement.reason, Reason::Unverifiable);
        assert!(judgement.message.contains("has a key that is not read"), "{}", judgement.message);
    }
}
