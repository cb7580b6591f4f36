//! What others wrote cannot speak to the JSON library.

use serde_json::{Value, json};
use vouchsafe_core::body::{Decoded, JsonError, decode, parse_json};
use vouchsafe_core::plain_json;

/// Objects that the library would read as the number 17 and as a list.
const POSING: [&str; 5] = [
    r#"{"$serde_json::private::Number":"17"}"#,
    r#"{"$serde_json::private::RawValue":"[1]"}"#,
    r#"{"\u0024serde_json::private::Number":"17"}"#,
    r#"{"$serde_json::\u0070rivate::RawValue" : "[1]"}"#,
    r#"{"$serde_json::private::Number":17}"#,
];

#[test]
fn an_object_is_never_read_as_a_number_or_a_list() {
    for posing in POSING {
        for text in [posing.to_owned(), format!(r#"[{{"a \" b": [1, {posing}]}}]"#)] {
            assert_eq!(parse_json(text.as_bytes()), Err(JsonError::ReservedKey), "{text}");
            assert_eq!(decode(text.as_bytes(), None), Decoded::ReservedKey, "{text}");
            let stream = format!("data: {text}\n\n");
            assert_eq!(decode(stream.as_bytes(), Some("text/event-stream")), Decoded::ReservedKey, "{text}");
            let wide: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
            assert_eq!(decode(&wide, None), Decoded::ReservedKey, "{text}");
            assert!(plain_json::from_str::<Value>(&text).is_err(), "{text}");
        }
    }
}

#[test]
fn a_reserved_key_may_be_spoken_of() {
    let text = r#"{"key": "$serde_json::private::Number", "\u00e9\"": "\u0024serde_json::private::RawValue"}"#;
    let value = json!({"key": "$serde_json::private::Number", "é\"": "$serde_json::private::RawValue"});
    assert_eq!(parse_json(text.as_bytes()), Ok(value.clone()));
    assert_eq!(plain_json::from_str::<Value>(text).expect("no key is reserved"), value);
    let prose = br#"It writes "$serde_json::private::Number": a string."#;
    assert!(matches!(decode(prose, None), Decoded::Text(_)));
}
