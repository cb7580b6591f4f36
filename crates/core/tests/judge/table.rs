//! Exchanges that came by way of a table: a claim on them is judged as on what was recorded.

use crate::scene::{Scene, answered, body};
use serde_json::{Value, json};
use vouchsafe_core::commitment::RowKey;
use vouchsafe_core::exchange::Exchange;
use vouchsafe_core::intercept::{Intercept, Own};
use vouchsafe_core::row::Outcome as Ending;
use vouchsafe_core::verdict::Reason;

impl Scene {
    /// The same rows as a ledger over the table has them.
    fn through_a_table(mut self) -> Self {
        for row in &mut self.rows {
            *row = Intercept::of(&row.row, &row.fields, 7).prepare(RowKey([1; 32])).expect("we laid it out");
        }
        self
    }
}

fn answering(content_type: &str, response: &[u8]) -> Exchange {
    Exchange {
        response_headers: Some(format!("content-type: {content_type}\n")),
        response: Some(body(response)),
        ..answered("")
    }
}

fn asking(content_type: &str, request: &[u8]) -> Exchange {
    Exchange {
        request_headers: Some(format!("content-type: {content_type}\n")),
        request: Some(body(request)),
        ..answered("{}")
    }
}

#[test]
fn a_claim_is_judged_alike_on_what_was_recorded_and_on_what_stands_in_the_table() {
    let deep = [b"[".repeat(200), b"]".repeat(200)].concat();
    let exchanges = [
        answered(r#"{"price": 42, "secret": "x"}"#),
        answered(r#"  {"text": "hello"}"#),
        answered(r#" {"stream_logged": "data: 42"}"#),
        answered("42"),
        answered(r#""hello""#),
        answered("[NaN]"),
        answered(""),
        answering("text/plain; charset=iso-8859-1", b"h\xE9llo hello"),
        answering("text/plain", b"{\"text\": \"hello\"}"),
        answering("application/json", b"{\"text\": \"hello"),
        answering("application/json", b"\xEF\xBB\xBF{\"price\": 42}"),
        answering("application/json; charset=utf-16le", b"4\x002\0"),
        answering("text/event-stream", b"data: {\"price\": 42}\n\ndata: hello\n\n"),
        answering("text/event-stream", b"{\"price\": 42}"),
        answering("application/octet-stream", &[0, 255, 254, 1]),
        answering("application/json", &deep),
        Exchange { outcome: Some(Ending::Aborted), ..answering("text/event-stream", b"data: 42\n\n") },
        Exchange { outcome: Some(Ending::Aborted), ..answering("text/event-stream", b"data: 4") },
        Exchange { outcome: Some(Ending::Aborted), ..answering("text/plain", b"hel") },
        Exchange { keep_bodies: false, ..answered("42") },
        Exchange { response: None, ..answered("") },
        asking("application/json", b"{\"q\": 1.50}"),
        asking("text/plain", b"{\"q\": 1.50}"),
        asking("application/json", b"{oops"),
        asking("application/x-www-form-urlencoded", b"q=tea&password=x"),
        asking("application/json", b"\"tea\""),
        asking("application/json", b""),
        Exchange { request: None, ..answered("{}") },
    ];
    let claims = [
        json!({"path": "$.price", "equals": 42}),
        json!({"path": "$[0].price", "equals": 42}),
        json!({"path": "$[0]", "equals": 42}),
        json!({"equals": 42}),
        json!({"equals": "hello"}),
        json!({"contains": "hello"}),
        json!({"path": "text", "equals": "hello"}),
        json!({"path": "secret", "equals": "x"}),
        json!({"path": "stream_logged", "contains": "data"}),
        json!({"equals": {}}),
        json!({"part": "request", "path": "body", "equals": "tea"}),
        json!({"part": "request", "path": "body", "contains": "oops"}),
        json!({"part": "request", "path": "body", "equals": null}),
        json!({"part": "request", "path": "body.q", "equals": 1.5}),
        json!({"part": "request", "path": "body.q", "equals": "tea"}),
        json!({"part": "request", "path": "url", "contains": "q=tea"}),
        json!({"part": "headers", "path": "content-type", "contains": "json"}),
    ];
    let mut supported = 0;
    for exchange in exchanges {
        let [recorded, table] = [Scene::of([exchange.clone()]), Scene::of([exchange.clone()]).through_a_table()];
        for claim in &claims {
            let judgements = [recorded.judge(claim), table.judge(claim)];
            let said =
                |at: usize| (judgements[at].reason, judgements[at].actual.clone(), judgements[at].message.clone());
            assert_eq!(said(0), said(1), "{claim} on {exchange:?}");
            supported += u32::from(judgements[0].reason == Reason::Supported);
        }
    }
    assert!(supported > 40, "only {supported} claims hold of anything");
}

/// A row as the Python SDK writes it, judged by its own paths.
fn foreign(raw_response: &str, claim: &Value) -> Reason {
    let mut scene = Scene::of([answered("{}")]);
    let recorded = Intercept::of(&scene.rows[0].row, &scene.rows[0].fields, 7);
    let foreign = Intercept { raw_response: raw_response.into(), own: Own::default(), ..recorded };
    scene.rows[0] = foreign.prepare(RowKey([1; 32])).expect("any text may stand there");
    scene.reason(claim)
}

#[test]
fn a_claim_on_another_sdks_row_names_the_key_that_it_put_around_a_text() {
    let raw = r#"{"text": "hello"}"#;
    assert_eq!(foreign(raw, &json!({"path": "text", "equals": "hello"})), Reason::Supported);
    let raw = r#"{"stream_logged": "data: 1\n\n"}"#;
    assert_eq!(foreign(raw, &json!({"path": "stream_logged", "contains": "data: 1"})), Reason::Supported);
}
