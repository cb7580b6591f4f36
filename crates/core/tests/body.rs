//! Bodies: JSON, text by its charset, event streams.

use serde_json::{Value, json};
use vouchsafe_core::body::{Decoded, JsonError, decode, parse_json};

fn nested(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

#[test]
fn what_parses_as_json_is_json_whatever_its_type() {
    for content_type in [None, Some("text/html"), Some("application/json; charset=utf-8")] {
        assert_eq!(decode(br#" {"a": [1]} "#, content_type), Decoded::Json(json!({"a": [1]})));
        assert_eq!(decode(b"42", content_type), Decoded::Json(json!(42)));
        assert_eq!(decode(b"\"x\"", content_type), Decoded::Json(json!("x")));
        assert_eq!(decode(b"\xEF\xBB\xBF[1]", content_type), Decoded::Json(json!([1])));
    }
}

#[test]
fn other_bodies_are_text_by_their_charset() {
    let utf16 =
        |text: &str| [&b"\xFF\xFE"[..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
    for (bytes, content_type, text) in [
        (&b"hello"[..], None, "hello"),
        (b"caf\xC3\xA9", Some("text/plain"), "café"),
        (b"caf\xE9", Some("text/plain; charset=ISO-8859-1"), "café"),
        (b"caf\xE9", Some("text/plain; Charset=\"latin1\""), "café"),
        (b"caf\xE9", Some("text/plain"), "caf\u{FFFD}"),
        (b"caf\xE9", Some("text/plain; charset=no-such"), "caf\u{FFFD}"),
        (b"\x93\xFA\x96\x7B", Some("text/html;charset=shift_jis"), "日本"),
        (b"\xEF\xBB\xBFcaf\xC3\xA9", Some("text/plain; charset=latin1"), "café"),
        (&utf16("日本"), None, "日本"),
        (b"NaN", Some("application/json"), "NaN"),
        (b"{\"a\": 1", Some("application/json"), "{\"a\": 1"),
        (b"1 2", None, "1 2"),
    ] {
        assert_eq!(decode(bytes, content_type), Decoded::Text(text.to_owned()), "{text}");
    }
    assert_eq!(decode(&utf16("[1]"), None), Decoded::Json(json!([1])));
    assert_eq!(decode(b"{\"a\": \"\xE9\"}", Some("application/json;charset=latin1")), Decoded::Json(json!({"a": "é"})));
}

#[test]
fn no_bytes_are_empty() {
    for (bytes, content_type) in
        [(&b""[..], None), (b"\xEF\xBB\xBF", None), (b"\xFF\xFE", None), (b"", Some("text/event-stream"))]
    {
        assert_eq!(decode(bytes, content_type), Decoded::Empty, "{bytes:?}");
    }
}

#[test]
fn an_event_stream_is_the_list_of_its_data() {
    let stream = concat!(
        "\u{FEFF}: a comment\n",
        "event: price\nid: 1\ndata: {\"price\": 42}\n\n",
        "data:no space\r\n\r\n",
        "data: two\rdata:  lines\r\r",
        "retry: 5\n\n",
        "data\n\n",
        "dataset: no\n\n",
        "data: [DONE]",
    );
    let expected = json!([{"price": 42}, "no space", "two\n lines", "", "[DONE]"]);
    for content_type in ["text/event-stream", "Text/Event-Stream; charset=utf-8"] {
        assert_eq!(json!(events(stream.as_bytes(), content_type)), expected);
    }
    assert_eq!(events(b": only a comment\n\n", "text/event-stream"), [] as [Value; 0]);
}

fn events(bytes: &[u8], content_type: &str) -> Vec<Value> {
    match decode(bytes, Some(content_type)) {
        Decoded::Events(events) => events,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nesting_is_bounded_before_parsing() {
    assert!(matches!(decode(nested(128).as_bytes(), None), Decoded::Json(_)));
    assert_eq!(decode(nested(129).as_bytes(), None), Decoded::TooDeep);
    assert_eq!(decode("[{\"a\":".repeat(1_000_000).as_bytes(), None), Decoded::TooDeep);
    let in_a_string = json!({"a": "[".repeat(500) + "\\\"" + &"[".repeat(500)}).to_string();
    assert!(matches!(decode(in_a_string.as_bytes(), None), Decoded::Json(_)));
    assert!(matches!(decode(("see ".to_owned() + &nested(200)).as_bytes(), None), Decoded::Text(_)));
    let stream = format!("data: 1\n\ndata: {}\n\n", nested(129));
    assert_eq!(decode(stream.as_bytes(), Some("text/event-stream")), Decoded::TooDeep);
    assert_eq!(parse_json(nested(129).as_bytes()), Err(JsonError::TooDeep));
}

#[test]
fn numbers_keep_their_digits() {
    let value = parse_json(b"[9007199254740993, 1.10, 1e999999999]").expect("JSON");
    assert_eq!(value[0].as_number().expect("a number").as_str(), "9007199254740993");
    assert_eq!(value[1].as_number().expect("a number").as_str(), "1.10");
    assert_eq!(value[2].as_number().expect("a number").as_str(), "1e+999999999");
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    assert_eq!(parse_json(br#"{"a": 1, "a": 2}"#), Ok(json!({"a": 2})));
}

#[test]
fn a_lone_surrogate_is_a_replacement_character() {
    for (text, expected) in [
        (r#""\ud83d\ude00""#, "😀"),
        (r#""\ud83d""#, "\u{FFFD}"),
        (r#""\ude00x""#, "\u{FFFD}x"),
        (r#""\uD83D\ud83d\ude00""#, "\u{FFFD}😀"),
        (r#""\\ud83d \ud83d""#, "\\ud83d \u{FFFD}"),
        (r#""\ud83d\n""#, "\u{FFFD}\n"),
        (r#""\ud83d\u0041""#, "\u{FFFD}A"),
    ] {
        assert_eq!(parse_json(text.as_bytes()), Ok(json!(expected)), "{text}");
    }
    for text in [r#""\ud83"#, r#""\ud83d"#, r#""\"#, r#""\x\ud83d""#] {
        assert_eq!(parse_json(text.as_bytes()), Err(JsonError::Syntax), "{text}");
    }
}
