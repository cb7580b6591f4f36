//! One finished exchange, as JavaScript hands it over.

use napi::bindgen_prelude::{Uint8Array, Uint8ArraySlice};
use vouchsafe_core::{
    exchange::{Body, Exchange},
    row::{Context, Kind, Outcome, Source},
};

/// A body's kept chunks, the length of the whole and, where chunks were let go, the hash of the whole.
pub(crate) fn body(chunks: Option<Vec<Uint8ArraySlice<'_>>>, length: f64, hash: Option<Uint8Array>) -> Option<Body> {
    let chunks = chunks?;
    let kept = chunks.iter().map(|chunk| chunk.len()).sum();
    let mut bytes = Vec::with_capacity(kept);
    for chunk in &chunks {
        bytes.extend_from_slice(chunk);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of bytes below 2^53")]
    let wire_length = length as u64;
    let truncated = wire_length > kept as u64;
    Some(Body { bytes, wire_length, wire_hash: hash.and_then(|hash| hash.as_ref().try_into().ok()), truncated })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "µs since 1970, below 2^53")]
pub(crate) fn us(time: f64) -> u64 {
    time as u64
}

/// An exchange of kind 0 http, 1 model, 2 tool, with the times that every kind has.
pub(crate) fn begin(kind: u32, started_us: f64, ended_us: f64) -> Exchange {
    let (kind, source) = match kind {
        0 => (Kind::Http, Source::Tap),
        1 => (Kind::Model, Source::Tap),
        _ => (Kind::Tool, Source::RecordTool),
    };
    Exchange::new(kind, source, us(started_us), us(ended_us))
}

/// 0 complete, 1 aborted, 2 error.
pub(crate) fn outcome(code: u32) -> Outcome {
    match code {
        0 => Outcome::Complete,
        1 => Outcome::Aborted,
        _ => Outcome::Error,
    }
}

pub(crate) fn context(uncertain: bool) -> Context {
    if uncertain { Context::Uncertain } else { Context::Certain }
}
