//! Undoing `Content-Encoding`, with a cap on what comes out.

mod zstd;

use brotli_decompressor::Decompressor as Brotli;
use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use std::io::Read;

/// How many codings may be stacked; nobody honest uses more than two.
const MAX_LAYERS: usize = 8;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BROTLI_BUFFER_BYTES: usize = 4096;

/// What a body was before its content codings were applied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Inflated {
    /// The first bytes of it, at most as many as the cap.
    pub(crate) bytes: Vec<u8>,
    /// Whether it goes on: beyond the cap, or beyond what the wire carried.
    pub(crate) truncated: bool,
}

/// Undoes the codings that a `Content-Encoding` header lists, the last one first.
///
/// Known are gzip, x-gzip, deflate (with zlib's header or, as some servers send it, without), br, zstd and identity. A
/// stream that breaks off yields what could be inflated, marked truncated. `None`: a coding that is not known, or not a
/// byte could be inflated; the row then keeps no bytes of the body and no commitment to them but the wire's, and is
/// marked truncated, so that a claim on the body is unverifiable. Each layer ends at the cap, so a decompression bomb
/// costs no more than that.
pub(crate) fn inflate(wire: Vec<u8>, content_encoding: &str, cap: usize) -> Option<Inflated> {
    let codings = content_encoding.split(',').map(str::trim).filter(|coding| !coding.is_empty());
    let mut inflated = Inflated { bytes: wire, truncated: false };
    for (layer, coding) in codings.rev().enumerate() {
        if inflated.bytes.is_empty() || coding.eq_ignore_ascii_case("identity") {
            continue; // A response without a body (HEAD, 204, 304) may name a coding all the same.
        }
        if layer == MAX_LAYERS {
            return None;
        }
        let (bytes, ended) = inflate_layer(&inflated.bytes, coding, cap)?;
        if bytes.is_empty() && !ended {
            return None;
        }
        inflated.bytes = bytes;
        inflated.truncated |= !ended;
    }
    inflated.truncated |= inflated.bytes.len() > cap;
    inflated.bytes.truncate(cap);
    Some(inflated)
}

/// Up to one byte more than the cap, and whether the stream came to its end there; `None` for an unknown coding.
fn inflate_layer(wire: &[u8], coding: &str, cap: usize) -> Option<(Vec<u8>, bool)> {
    let limit = cap.saturating_add(1);
    Some(match coding.to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => gunzip(wire, limit),
        "deflate" => inflate_deflate(wire, limit),
        "br" => drain(Brotli::new(wire, BROTLI_BUFFER_BYTES), limit),
        "zstd" => zstd::inflate(wire, limit),
        _ => return None,
    })
}

/// All members of a gzip file; what follows the last one is ignored, as zlib does.
fn gunzip(mut wire: &[u8], limit: usize) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    loop {
        let (member, ended) = drain(GzDecoder::new(&mut wire), limit - bytes.len());
        bytes.extend(member);
        if !ended || bytes.len() == limit || !wire.starts_with(&GZIP_MAGIC) {
            return (bytes, ended);
        }
    }
}

/// A reader's bytes up to a limit, and whether it got so far without an error.
fn drain(reader: impl Read, limit: usize) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let result = reader.take(limit as u64).read_to_end(&mut bytes);
    (bytes, result.is_ok())
}

/// Driven by hand, because flate2's readers do not tell a stream that ends from one that breaks off.
fn inflate_deflate(wire: &[u8], limit: usize) -> (Vec<u8>, bool) {
    let mut stream = Decompress::new(has_zlib_header(wire));
    let mut bytes = Vec::with_capacity(wire.len().saturating_mul(4).min(limit));
    loop {
        let consumed = usize::try_from(stream.total_in()).expect("no more than the wire's length");
        let before = (consumed, bytes.len());
        let status = stream.decompress_vec(&wire[consumed..], &mut bytes, FlushDecompress::None);
        let stuck = before == (usize::try_from(stream.total_in()).unwrap_or(consumed), bytes.len());
        match status {
            Ok(Status::StreamEnd) => return (bytes, true),
            Ok(_) if bytes.len() >= limit => return (bytes, true),
            Ok(_) if bytes.len() == bytes.capacity() => bytes.reserve((limit - bytes.len()).min(bytes.len().max(1024))),
            Ok(_) if stuck => return (bytes, false),
            Ok(_) => {}
            Err(_) => return (bytes, false),
        }
    }
}

/// RFC 1950 §2.2: method 8, and the two bytes are a multiple of 31.
fn has_zlib_header(wire: &[u8]) -> bool {
    matches!(wire, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}
