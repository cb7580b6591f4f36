//! The fields that a claim says it looks at are those that its judgement rests on.

use crate::scene::{CALL, Scene, answered, body, id};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use vouchsafe_core::claim::Claim;
use vouchsafe_core::commitment::Field;
use vouchsafe_core::exchange::{Exchange, Fields};
use vouchsafe_core::row::Outcome as Ending;
use vouchsafe_core::verdict::{Outcome, Reason};

const URL: &str = "https://api.example.com/v1/price?q=tea";

fn claims() -> Vec<Value> {
    vec![
        json!({"path": "price", "equals": 42}),
        json!({"path": "price", "equals": 43}),
        json!({"path": "nothing", "equals": 42}),
        json!({"contains": "42"}),
        json!({"path": "$[0]", "equals": 42}),
        json!({"path": "price", "equals": 42, "url": URL}),
        json!({"path": "price", "equals": 42, "url": "https://other.example.com"}),
        json!({"part": "status", "equals": 200}),
        json!({"part": "status", "equals": 201, "url": URL}),
        json!({"part": "headers", "path": "x-two", "equals": "1, 2"}),
        json!({"part": "headers", "path": "x-three", "equals": "1, 2"}),
        json!({"part": "request", "path": "method", "equals": "POST"}),
        json!({"part": "request", "path": "url", "contains": "tea"}),
        json!({"part": "request", "path": "headers.content-type", "contains": "json"}),
        json!({"part": "request", "path": "body.q", "equals": "tea"}),
        json!({"part": "request", "path": "body.q", "equals": "milk"}),
        json!({"part": "request", "path": "body", "contains": "tea"}),
    ]
}

fn exchanges() -> Vec<Exchange> {
    let typed = |content_type: &str, bytes: &[u8]| Exchange {
        response_headers: Some(format!("content-type: {content_type}\nx-two: 1\nx-two: 2\n")),
        request_headers: Some(format!("content-type: {content_type}\n")),
        response: Some(body(bytes)),
        request: Some(body(bytes)),
        ..answered("")
    };
    vec![
        answered(r#"{"price": 42}"#),
        answered(""),
        typed("text/event-stream", b"data: 42\n\n"),
        typed("text/plain; charset=utf-16le", b"4\x002\x00"),
        typed("text/plain", b"42 tea"),
        typed("text/event-stream", br#"{"price": 42, "q": "tea"}"#),
        typed("text/plain; charset=iso-8859-1", b"{\"price\": 42, \"q\": \"th\xe9\"}"),
        Exchange { status: Some(500), ..answered(r#"{"price": 41}"#) },
        Exchange { outcome: Some(Ending::Aborted), ..answered(r#"{"price": 42}"#) },
        Exchange { response: None, response_headers: None, request: None, ..answered("") },
        Exchange { url: None, ..answered(r#"{"price": 42}"#) },
    ]
}

/// Withholds all fields but these.
fn give(fields: &mut Fields, given: &BTreeSet<Field>) {
    let Fields { url, request, request_headers, response, response_headers } = fields;
    for (field, bytes) in [
        (Field::Url, url),
        (Field::Request, request),
        (Field::RequestHeaders, request_headers),
        (Field::Response, response),
        (Field::ResponseHeaders, response_headers),
    ] {
        bytes.take_if(|_| !given.contains(&field));
    }
}

fn fields_of(claim: &Value) -> BTreeSet<Field> {
    Claim::parse(claim, 0).unwrap().fields().collect()
}

#[test]
fn a_claim_is_judged_the_same_where_only_its_own_fields_are_disclosed() {
    for exchange in exchanges() {
        for claim in claims() {
            let all = Scene::of([exchange.clone()]);
            let mut own = Scene::of([exchange.clone()]);
            give(&mut own.rows[0].fields, &fields_of(&claim));
            assert_eq!(own.judge(&claim), all.judge(&claim), "{claim}");
        }
    }
}

#[test]
fn no_claim_says_that_it_looks_at_a_field_that_no_judgement_needs() {
    for claim in claims() {
        // Of a request a path looks at one field, and may look at any; a URL that differs leaves the body unread.
        let alike: Vec<Value> = claims().into_iter().filter(|other| fields_of(other) == fields_of(&claim)).collect();
        for field in fields_of(&claim) {
            let mut without = fields_of(&claim);
            without.remove(&field);
            let differs = |claim: &Value| {
                exchanges().into_iter().any(|exchange| {
                    let all = Scene::of([exchange.clone()]);
                    let mut less = Scene::of([exchange]);
                    give(&mut less.rows[0].fields, &without);
                    less.judge(claim) != all.judge(claim)
                })
            };
            assert!(alike.iter().any(differs), "{claim} without {field:?}");
        }
    }
}

#[test]
fn withholding_accuses_nobody_and_makes_nothing_true() {
    for exchange in exchanges() {
        for claim in claims() {
            let all = Scene::of([exchange.clone()]).judge(&claim);
            for given in [vec![], vec![Field::Url], vec![Field::Response], vec![Field::Request, Field::Url]] {
                let mut less = Scene::of([exchange.clone()]);
                give(&mut less.rows[0].fields, &given.into_iter().collect());
                let judged = less.judge(&claim);
                assert!(judged.reason == all.reason || judged.outcome == Outcome::Error, "{claim}: {}", judged.message);
            }
        }
    }
}

#[test]
fn where_a_later_exchange_is_withheld_an_earlier_one_is_no_evidence_of_a_call() {
    let claim = json!({"callRef": CALL, "path": "price", "between": {"min": 1}});
    let later = Exchange { id: Some(id(2)), ..answered(r#"{"price": 43}"#) };
    let mut scene = Scene::of([answered(r#"{"price": 42}"#), later]);
    assert_eq!(scene.judge(&claim).actual, Some(json!(43)));
    for withheld in [Field::Response, Field::ResponseHeaders] {
        let whole = scene.rows[1].fields.clone();
        give(&mut scene.rows[1].fields, &fields_of(&claim).into_iter().filter(|field| *field != withheld).collect());
        assert_eq!(scene.reason(&claim), Reason::Unverifiable);
        scene.rows[1].fields = whole;
    }
    give(&mut scene.rows[0].fields, &BTreeSet::new());
    assert_eq!(scene.reason(&claim), Reason::Supported);
}

#[test]
fn a_claim_on_what_is_not_disclosed_says_so() {
    let mut scene = Scene::of([answered(r#"{"price": 42}"#)]);
    give(&mut scene.rows[0].fields, &BTreeSet::new());
    for claim in [
        json!({"path": "price", "equals": 42}),
        json!({"part": "headers", "path": "x-two", "equals": "1, 2"}),
        json!({"part": "request", "path": "body.q", "equals": "tea"}),
    ] {
        let judged = scene.judge(&claim);
        assert_eq!(judged.reason, Reason::Unverifiable);
        assert!(judged.message.contains("not disclosed"), "{}", judged.message);
        assert!(judged.message.contains("(withheld, or deleted by retention)"), "{}", judged.message);
    }
}
