//! Bodies: the first line of an input is the content type, the second the content coding, the rest the body.

use crate::first_line;
use std::sync::LazyLock;
use vouchsafe_core::body::{Decoded, decode};
use vouchsafe_core::exchange::{Body, Exchange, Prepared};
use vouchsafe_core::prepare::prepare;
use vouchsafe_core::redact::RedactionRules;
use vouchsafe_core::row::{Kind, Source};
use vouchsafe_fuzz::fuzz;

/// How many bytes of a body are stored: a bomb is a thousand times this.
const CAP: usize = 64 << 10;

static RULES: LazyLock<RedactionRules> = LazyLock::new(RedactionRules::default);

/// What is stored of a response with these headers.
pub(crate) fn prepared(url: Option<&str>, headers: Option<String>, body: Vec<u8>) -> Prepared {
    let exchange = Exchange {
        id: None,
        kind: Kind::Http,
        source: Source::Tap,
        run_id: None,
        agent_id: "_default".into(),
        action_name: None,
        call_ref: None,
        tool_call_id: None,
        parent: None,
        method: None,
        url: url.map(str::to_owned),
        status: None,
        http_version: None,
        outcome: None,
        error: None,
        context: None,
        started_us: 0,
        first_byte_us: None,
        ended_us: 0,
        request_headers: None,
        response_headers: headers,
        request: None,
        response: Some(Body { wire_length: body.len() as u64, bytes: body, wire_hash: None, truncated: false }),
        keep_bodies: true,
    };
    prepare(exchange, &RULES, CAP)
}

#[test]
fn a_body_is_inflated_to_no_more_than_its_cap_and_what_is_read_of_it_reads_back() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "body", |input| {
        let (content_type, rest) = first_line(input);
        let (coding, body) = first_line(rest);
        let (Ok(content_type), Ok(coding)) = (std::str::from_utf8(content_type), std::str::from_utf8(coding)) else {
            return;
        };
        let headers = format!("content-type: {content_type}\ncontent-encoding: {coding}\n");
        let stored = prepared(None, Some(headers), body.to_vec());
        assert_eq!(stored.row.body_length, Some(body.len() as u64));
        let Some(stored) = stored.fields.response else { return };
        assert!(stored.len() <= CAP);
        let read = decode(&stored, Some(content_type));
        match &read {
            Decoded::Json(value) => assert_eq!(decode(value.to_string().as_bytes(), None), read),
            Decoded::Events(events) => {
                let stream: Vec<_> = events.iter().map(|event| format!("data: {event}")).collect();
                let again = decode(stream.join("\n\n").as_bytes(), Some("text/event-stream"));
                assert!(events.is_empty() || again == read, "{stream:?}");
            }
            Decoded::Text(text) => assert!(!text.is_empty()),
            Decoded::Empty | Decoded::TooDeep | Decoded::ReservedKey => {}
        }
    });
}
