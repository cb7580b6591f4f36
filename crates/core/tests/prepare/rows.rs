//! What the row says.

use super::{answering, exchange, prepared, whole};
use vouchsafe_core::commitment::{Field, commit};
use vouchsafe_core::exchange::{Body, Exchange};
use vouchsafe_core::hash::sha256;
use vouchsafe_core::prepare::prepare;
use vouchsafe_core::redact::RedactionRules;
use vouchsafe_core::row::{Kind, Row, Source};

#[test]
fn every_stored_field_is_the_one_that_the_row_commits_to() {
    let exchange = Exchange {
        request: Some(whole("{\"q\":1}")),
        request_headers: Some("accept: */*\n".into()),
        ..answering("content-type: application/json\n", "{\"price\":42}")
    };
    let prepared = prepared(exchange);
    let (row, fields) = (&prepared.row, &prepared.fields);
    let commitment = |field, bytes: &[u8]| Some(commit(&prepared.row_key.field_key(field), bytes));
    assert_eq!(row.c_url, commitment(Field::Url, fields.url.as_ref().unwrap()));
    assert_eq!(row.c_request, commitment(Field::Request, b"{\"q\":1}"));
    assert_eq!(row.c_request_headers, commitment(Field::RequestHeaders, b"accept: */*\n"));
    assert_eq!(row.c_response, commitment(Field::Response, b"{\"price\":42}"));
    assert_eq!(row.c_response_headers, commitment(Field::ResponseHeaders, b"content-type: application/json\n"));
    assert_eq!(row.c_wire, commitment(Field::Wire, &sha256(&[b"{\"price\":42}"])));
    assert_eq!(row.body_length, Some(12));
    assert!(!row.truncated);
}

#[test]
fn a_prepared_row_passes_the_strict_parser() {
    let exchange = Exchange {
        id: Some("00000000-0000-7000-8000-00000000000A".into()),
        call_ref: Some("no uuid".into()),
        run_id: Some("é".repeat(40_000)),
        tool_call_id: Some("x".repeat(70_000)),
        url: Some("https://user@api.example.com/?token=1&key=2&token=3".into()),
        ..answering("set-cookie: a=1\nset-cookie: b=2\n", "{\"password\":1}")
    };
    let row = prepared(exchange).row;
    assert_eq!(serde_json::from_str::<Row>(&row.canonical()).unwrap(), row);
    assert_eq!(row.id, "00000000-0000-7000-8000-00000000000a");
    assert_eq!(
        row.redacted,
        ["query:key", "query:token", "response:$.password", "response_headers:set-cookie", "url:userinfo"]
    );
}

#[test]
fn ids_that_are_made_carry_the_time_at_which_the_exchange_began() {
    let (early, late) =
        (prepared(exchange()).row, prepared(Exchange { started_us: 1_790_000_000_001_000, ..exchange() }).row);
    assert!(early.id < late.id);
    assert_eq!(early.id.as_bytes()[14], b'7');
    assert_ne!(prepared(exchange()).row.id, early.id);
}

#[test]
fn an_unnamed_action_is_named_by_method_host_and_path_of_the_redacted_url() {
    let cases = [
        ("https://api.example.com/v1/price?sku=7#top", "GET api.example.com/v1/price"),
        ("https://user:pass@API.example.com:443/", "GET api.example.com/"),
        ("http://localhost:3000/a", "GET localhost:3000/a"),
        ("http://localhost:80/a", "GET localhost/a"),
        ("https://localhost:80/a", "GET localhost:80/a"),
        ("http://[::1]:8080/a", "GET [::1]:8080/a"),
        (
            "https://api.telegram.org/bot123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
            "GET api.telegram.org/[redacted]/getMe",
        ),
    ];
    for (url, action) in cases {
        assert_eq!(prepared(Exchange { url: Some(url.into()), ..exchange() }).row.action_name, action);
    }
    assert_eq!(prepared(Exchange { url: None, method: None, ..exchange() }).row.action_name, "");
}

#[test]
fn names_are_cut_at_255_characters() {
    let long = "é".repeat(300);
    let row = prepared(Exchange { agent_id: long.clone(), action_name: Some(long), ..exchange() }).row;
    assert_eq!(row.agent_id, "é".repeat(255));
    assert_eq!(row.action_name, "é".repeat(255));
}

#[test]
fn an_exchange_whose_bodies_are_not_kept_commits_to_the_wire_only() {
    let exchange = Exchange {
        kind: Kind::Model,
        keep_bodies: false,
        request: Some(whole("{\"messages\":[]}")),
        ..answering("content-type: application/json\n", "{\"choices\":[]}")
    };
    let prepared = prepared(exchange);
    assert_eq!((prepared.fields.request, prepared.fields.response), (None, None));
    assert_eq!((prepared.row.c_request, prepared.row.c_response), (None, None));
    assert!(prepared.row.c_wire.is_some() && prepared.row.c_response_headers.is_some() && !prepared.row.truncated);
}

#[test]
fn the_wire_is_named_only_where_all_of_it_was_seen() {
    let beginning = |wire_hash| Body { bytes: b"begin".to_vec(), wire_length: 900, wire_hash, truncated: true };
    let hashed = prepared(Exchange { response: Some(beginning(Some([7; 32]))), ..exchange() });
    assert_eq!(hashed.row.body_length, Some(900));
    assert_eq!(hashed.row.c_wire, Some(commit(&hashed.row_key.field_key(Field::Wire), &[7; 32])));
    assert!(hashed.row.truncated);

    let unknown = prepared(Exchange { response: Some(beginning(None)), ..exchange() }).row;
    assert_eq!((unknown.body_length, unknown.c_wire, unknown.truncated), (None, None, true));
    assert!(unknown.c_response.is_some());
}

#[test]
fn a_reported_tool_call_has_no_wire_and_is_redacted_like_others() {
    let exchange = Exchange {
        kind: Kind::Tool,
        source: Source::RecordTool,
        url: None,
        method: None,
        action_name: Some("login".into()),
        request: Some(whole("{\"password\":\"s3cret\"}")),
        response: Some(whole("{\"ok\":true}")),
        ..exchange()
    };
    let prepared = prepared(exchange);
    assert_eq!((prepared.row.body_length, prepared.row.c_wire), (None, None));
    assert_eq!(prepared.fields.request.unwrap(), b"{\"password\":\"[redacted]\"}");
    assert_eq!(prepared.row.redacted, ["request:$.password"]);
}

#[test]
fn a_body_over_the_cap_is_cut_and_marked() {
    let exchange = || Exchange { request: Some(whole("x".repeat(10))), ..exchange() };
    let cut = prepare(exchange(), &RedactionRules::default(), 9);
    assert_eq!((cut.fields.request.unwrap().len(), cut.row.truncated), (9, true));
    let whole = prepare(exchange(), &RedactionRules::default(), 10);
    assert_eq!((whole.fields.request.unwrap().len(), whole.row.truncated), (10, false));
    // The stand-in is longer than what it stands for.
    let grown = prepare(answering("", "{\"password\":1}"), &RedactionRules::default(), 16);
    assert_eq!((grown.fields.response.unwrap(), grown.row.truncated), (b"{\"password\":\"[re".to_vec(), true));
}
