//! Redaction in bodies that are not one JSON text.

use super::{exchange, prepared, stored, whole};
use vouchsafe_core::exchange::Exchange;

const EVENTS: &str = "content-type: text/event-stream; charset=utf-8\n";

#[test]
fn each_event_is_redacted_by_itself() {
    let stream = "event: a\ndata: {\"api_key\":1}\n\ndata: [DONE] password\r\n\r\n: note\ndata\n\ndata:{\"x\":{\"password\":\"y\"}}";
    let expected = stream.replace(":1}", ":\"[redacted]\"}").replace("\"y\"", "\"[redacted]\"");
    let places = vec!["response:$[0].api_key".to_owned(), "response:$[3].x.password".to_owned()];
    assert_eq!(stored(&[], EVENTS, stream), (Some(expected), places));
}

#[test]
fn paths_are_applied_to_the_data_of_each_event() {
    let (stored, places) = stored(&["user.ssn"], EVENTS, "data: {\"user\":{\"ssn\":7}}\r\rdata: {\"ssn\":8}\r\r");
    assert_eq!(stored.unwrap(), "data: {\"user\":{\"ssn\":\"[redacted]\"}}\r\rdata: {\"ssn\":8}\r\r");
    assert_eq!(places, ["response:$[0].user.ssn"]);
}

#[test]
fn an_event_stream_with_a_key_outside_whole_lines_of_json_is_withheld() {
    for stream in [
        "data: {\"a\":1}\n\ndata: {\"password\":\"s3c",
        "data: {\"password\"\ndata: :\"s3cret\"}\n\n",
        "data: {\ndata: \"password\":\"s3cret\"}\n\n",
        "data: 1\nx: {\"password\":\"s3cret\"}\n\n",
    ] {
        assert_eq!(stored(&[], EVENTS, stream), (None, vec!["response:$".to_owned()]), "{stream}");
    }
}

#[test]
fn fields_of_a_form_are_redacted_by_the_names_of_queries() {
    let exchange = Exchange {
        request_headers: Some("content-type: application/x-www-form-urlencoded\n".into()),
        request: Some(whole("grant_type=password&client_secret=s3cret&x=%00\u{e9}")),
        ..exchange()
    };
    let prepared = prepared(exchange);
    let stored = String::from_utf8(prepared.fields.request.unwrap()).unwrap();
    assert_eq!(stored, "grant_type=password&client_secret=[redacted]&x=%00\u{e9}");
    assert_eq!(prepared.row.redacted, ["request:$"]);
}

#[test]
fn json_that_is_called_a_form_is_redacted_as_json() {
    let (stored, places) = stored(&[], "content-type: application/x-www-form-urlencoded\n", "{\"password\":1}");
    assert_eq!(stored.unwrap(), "{\"password\":\"[redacted]\"}");
    assert_eq!(places, ["response:$.password"]);
}

#[test]
fn json_in_wide_characters_that_names_a_key_is_withheld() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let marked = |text: &str| [vec![0xff, 0xfe], wide(text)].concat();
    let headers = "content-type: application/json; charset=utf-16le\n";
    assert_eq!(stored(&[], "", marked("{\"password\":1}")).0, None);
    assert_eq!(stored(&[], headers, wide("{\"password\":1}")).0, None);
    assert!(stored(&[], "", marked("{\"price\":1}")).0.is_some());
}

#[test]
fn binary_bodies_stay_as_they_are() {
    let binary: Vec<u8> = (0..=255).collect();
    assert_eq!(prepared(super::answering("", binary.clone())).fields.response.unwrap(), binary);
}
