//! From the wire to what is stored, by way of `prepare` as the engine calls it.

mod bodies;
mod headers;
mod inflation;
mod json;
mod rows;
mod urls;

use vouchsafe_core::exchange::{Body, Exchange, Prepared};
use vouchsafe_core::prepare::prepare;
use vouchsafe_core::redact::{RedactionOptions, RedactionRules};
use vouchsafe_core::row::{Context, Kind, Outcome, Source};

const CAP: usize = 1 << 20;

fn exchange() -> Exchange {
    Exchange {
        id: None,
        kind: Kind::Http,
        source: Source::Tap,
        run_id: Some("run-1".into()),
        agent_id: "_default".into(),
        action_name: None,
        call_ref: None,
        tool_call_id: None,
        parent: None,
        method: Some("get".into()),
        url: Some("https://api.example.com/v1/price?sku=7".into()),
        status: Some(200),
        http_version: Some("1.1".into()),
        outcome: Some(Outcome::Complete),
        error: None,
        context: Some(Context::Certain),
        started_us: 1_790_000_000_000_000,
        first_byte_us: None,
        ended_us: 1_790_000_000_020_000,
        request_headers: None,
        response_headers: None,
        request: None,
        response: None,
        keep_bodies: true,
    }
}

/// An exchange whose response has this body and these headers.
fn answering(headers: &str, body: impl Into<Vec<u8>>) -> Exchange {
    Exchange { response_headers: Some(headers.into()), response: Some(whole(body)), ..exchange() }
}

fn whole(bytes: impl Into<Vec<u8>>) -> Body {
    let bytes = bytes.into();
    Body { wire_length: bytes.len() as u64, bytes, wire_hash: None, truncated: false }
}

fn prepared(exchange: Exchange) -> Prepared {
    prepare(exchange, &RedactionRules::default(), CAP)
}

/// The stored response and the listed places, with these paths redacted besides the defaults.
fn stored(paths: &[&str], headers: &str, body: impl Into<Vec<u8>>) -> (Option<String>, Vec<String>) {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let rules = RedactionRules::new(&RedactionOptions { paths, ..RedactionOptions::default() }).unwrap();
    let prepared = prepare(answering(headers, body), &rules, CAP);
    assert_eq!(prepared.fields.response.is_some(), prepared.row.c_response.is_some());
    assert!(prepared.row.c_wire.is_some());
    (prepared.fields.response.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()), prepared.row.redacted)
}
