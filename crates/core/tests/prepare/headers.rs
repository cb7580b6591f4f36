//! Redaction in headers.

use super::{exchange, prepared};
use vouchsafe_core::exchange::Exchange;
use vouchsafe_core::prepare::prepare;
use vouchsafe_core::redact::{RedactionOptions, RedactionRules};

fn stored(request: &str) -> (Vec<u8>, Vec<String>) {
    let prepared = prepared(Exchange { request_headers: Some(request.into()), ..exchange() });
    (prepared.fields.request_headers.unwrap(), prepared.row.redacted)
}

#[test]
fn credentials_in_headers_are_replaced_and_the_rest_stays_as_it_is() {
    let (stored, places) =
        stored("accept: */*\nauthorization: Bearer s3cret\nx-trace: a: b \ncookie: a=1; b=2\nempty: \n");
    assert_eq!(
        String::from_utf8(stored).unwrap(),
        "accept: */*\nauthorization: [redacted]\nx-trace: a: b \ncookie: [redacted]\nempty: \n"
    );
    assert_eq!(places, ["request_headers:authorization", "request_headers:cookie"]);
}

#[test]
fn response_headers_are_listed_as_such() {
    let headers = "set-cookie: a=1\ncontent-type: text/plain\nset-cookie: b=2\n";
    let prepared = prepared(Exchange { response_headers: Some(headers.into()), ..exchange() });
    let expected = "set-cookie: [redacted]\ncontent-type: text/plain\nset-cookie: [redacted]\n";
    assert_eq!(prepared.fields.response_headers.unwrap(), expected.as_bytes());
    assert_eq!(prepared.row.redacted, ["response_headers:set-cookie"]);
}

#[test]
fn headers_are_stored_as_latin_1() {
    assert_eq!(stored("x-name: caf\u{e9}\n").0, b"x-name: caf\xe9\n");
}

#[test]
fn urls_in_headers_lose_their_credentials() {
    let (stored, places) = stored("referer: https://a.example/?q=1&token=s3cret\n:path: /v1?q=1\n");
    assert_eq!(
        String::from_utf8(stored).unwrap(),
        "referer: https://a.example/?q=1&token=[redacted]\n:path: /v1?q=1\n"
    );
    assert_eq!(places, ["request_headers:referer"]);
}

#[test]
fn names_are_added_whole_or_by_their_beginning() {
    let headers = vec!["X-Acme-*".into(), "X-Id".into()];
    let rules = RedactionRules::new(&RedactionOptions { headers, ..RedactionOptions::default() }).unwrap();
    let exchange =
        Exchange { request_headers: Some("x-acme-a: 1\nx-id: 2\nx-identity: 3\napi-key: 4\n".into()), ..exchange() };
    let stored = prepare(exchange, &rules, 100).fields.request_headers.unwrap();
    let expected = "x-acme-a: [redacted]\nx-id: [redacted]\nx-identity: 3\napi-key: [redacted]\n";
    assert_eq!(String::from_utf8(stored).unwrap(), expected);
}
