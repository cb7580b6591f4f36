//! Undoing content codings.

use super::{CAP, answering};
use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Read;
use vouchsafe_core::prepare::prepare;
use vouchsafe_core::redact::RedactionRules;

/// Made by zlib's brotli and by zstd -19: "the quick brown fox " fifty times.
const BROTLI: &str = "1be703f88d946ee6a20631a3c353686f39c824a5e508db74541648d78e3d00";
const ZSTD: &str = "28b52ffd0468dd0000a074686520717569636b2062726f776e20666f78200100a25f3599b4d65bc2";

fn fox() -> Vec<u8> {
    b"the quick brown fox ".repeat(50)
}

/// What is stored of a response with this wire and coding, and whether the row is truncated.
fn inflated_to(cap: usize, coding: &str, wire: &[u8]) -> (Option<Vec<u8>>, bool) {
    let exchange = answering(&format!("content-encoding: {coding}\n"), wire);
    let prepared = prepare(exchange, &RedactionRules::default(), cap);
    assert!(prepared.row.c_wire.is_some());
    (prepared.fields.response, prepared.row.truncated)
}

fn inflated(coding: &str, wire: &[u8]) -> (Option<Vec<u8>>, bool) {
    inflated_to(CAP, coding, wire)
}

fn encode(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let read = |mut encoder: Box<dyn Read + '_>| {
        let mut wire = Vec::new();
        encoder.read_to_end(&mut wire).unwrap();
        wire
    };
    match coding {
        "gzip" | "x-gzip" => read(Box::new(GzEncoder::new(bytes, Compression::fast()))),
        "deflate" => read(Box::new(ZlibEncoder::new(bytes, Compression::fast()))),
        "raw" => read(Box::new(DeflateEncoder::new(bytes, Compression::fast()))),
        "zstd" => compress_to_vec(bytes, CompressionLevel::Fastest),
        _ => bytes.to_vec(),
    }
}

#[test]
fn known_answers_of_other_programs_inflate() {
    assert_eq!(inflated("br", &hex::decode(BROTLI).unwrap()), (Some(fox()), false));
    assert_eq!(inflated("zstd", &hex::decode(ZSTD).unwrap()), (Some(fox()), false));
    assert_eq!(inflated("Deflate", &encode("raw", &fox())), (Some(fox()), false));
    assert_eq!(inflated("GZIP", &encode("gzip", &fox())), (Some(fox()), false));
}

#[test]
fn several_members_are_one_body_and_padding_is_ignored() {
    let two = [encode("gzip", b"a"), encode("gzip", b"b")].concat();
    assert_eq!(inflated("gzip", &two), (Some(b"ab".to_vec()), false));
    assert_eq!(inflated("gzip", &[two, vec![0; 9]].concat()), (Some(b"ab".to_vec()), false));
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9];
    let frames = [encode("zstd", b"a"), skippable.to_vec(), encode("zstd", b"b")].concat();
    assert_eq!(inflated("zstd", &frames), (Some(b"ab".to_vec()), false));
}

#[test]
fn a_wire_that_breaks_off_yields_what_could_be_inflated() {
    let noise: Vec<u8> = (0..300_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    for coding in ["gzip", "deflate", "zstd"] {
        let wire = encode(coding, &noise);
        let (bytes, truncated) = inflated_to(usize::MAX, coding, &wire[..wire.len() / 2]);
        let bytes = bytes.unwrap();
        assert!(truncated && bytes.len() > noise.len() / 4 && noise.starts_with(&bytes), "{coding}: {}", bytes.len());
        let but_one = inflated_to(usize::MAX, coding, &wire[..wire.len() - 1]);
        assert!(but_one.1 && noise.starts_with(&but_one.0.unwrap()), "{coding}");
    }
    // An open event stream, flushed after its first event.
    let open = hex::decode("0b0680646174613a2066697273740a0a").unwrap();
    assert_eq!(inflated("br", &open), (Some(b"data: first\n\n".to_vec()), true));
}

#[test]
fn what_cannot_be_inflated_is_not_stored() {
    assert_eq!(inflated("compress", b"x"), (None, true));
    assert_eq!(inflated(&["gzip"; 9].join(","), b"x"), (None, true));
    for coding in ["gzip", "br", "zstd", "deflate"] {
        assert_eq!(inflated(coding, b"<p>no coding at all</p>"), (None, true), "{coding}");
    }
    let unknown_below = encode("gzip", b"x");
    assert_eq!(inflated("compress, gzip", &unknown_below), (None, true));
}

#[test]
fn an_empty_body_is_empty_whatever_its_coding() {
    assert_eq!(inflated("gzip", b""), (Some(vec![]), false));
    assert_eq!(inflated("identity,", b"x"), (Some(b"x".to_vec()), false));
}

#[test]
fn codings_of_several_headers_are_stacked() {
    let wire = encode("zstd", &encode("gzip", b"x"));
    let prepared = super::prepared(answering("content-encoding: gzip\ncontent-encoding: zstd\n", wire));
    assert_eq!(prepared.fields.response.unwrap(), b"x");
}

#[test]
fn a_bomb_is_cut_at_the_cap() {
    let bomb = encode("gzip", &vec![0; 50 << 20]);
    assert_eq!(inflated_to(1000, "gzip", &bomb), (Some(vec![0; 1000]), true));
    let nested = encode("gzip", &bomb);
    assert_eq!(inflated_to(1 << 20, "gzip, gzip", &nested).0.map(|bytes| bytes.len()), Some(1 << 20));
    assert_eq!(inflated_to(1000, "deflate", &encode("deflate", &vec![0; 1000])), (Some(vec![0; 1000]), false));
    assert_eq!(inflated_to(1000, "deflate", &encode("deflate", &vec![0; 1001])), (Some(vec![0; 1000]), true));
    assert_eq!(inflated_to(1000, "zstd", &encode("zstd", &vec![0; 1 << 20])), (Some(vec![0; 1000]), true));
    assert_eq!(inflated_to(999, "br", &hex::decode(BROTLI).unwrap()), (Some(fox()[..999].to_vec()), true));
}

proptest! {
    #[test]
    fn what_was_encoded_inflates_to_itself(
        bytes in proptest::collection::vec(any::<u8>(), 1..5000),
        repeats in 1_usize..20,
        codings in proptest::collection::vec(prop_oneof!["gzip", "x-gzip", "deflate", "zstd", "identity"], 0..4),
    ) {
        let bytes = bytes.repeat(repeats);
        let wire = codings.iter().fold(bytes.clone(), |wire, coding| encode(coding, &wire));
        prop_assert_eq!(inflated(&codings.join(", "), &wire), (Some(bytes), false));
    }

    #[test]
    fn no_wire_breaks_the_inflating(
        wire in proptest::collection::vec(any::<u8>(), 0..300),
        coding in prop_oneof!["gzip", "deflate", "br", "zstd"],
        flip in any::<proptest::sample::Index>(),
    ) {
        inflated(&coding, &wire);
        let mut damaged = encode(&coding, &wire);
        if !damaged.is_empty() {
            let at = flip.index(damaged.len());
            damaged[at] ^= 0x55;
        }
        inflated(&coding, &damaged);
    }
}
