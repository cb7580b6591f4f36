//! Zstandard frames, block by block.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// What RFC 9659 allows for this content coding.
const MAX_WINDOW_BYTES: u64 = 8 << 20;

/// An empty last block, and room for a checksum: it ends a frame that broke off, because the decoder gives out a frame's
/// last window only at the frame's end.
const FRAME_END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Up to `limit` bytes of all frames, and whether the last frame came to its end (or the limit was met).
pub(super) fn inflate(mut wire: &[u8], limit: usize) -> (Vec<u8>, bool) {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(MAX_WINDOW_BYTES);
    let mut bytes = Vec::new();
    while !wire.is_empty() && bytes.len() < limit {
        match decoder.init(&mut wire) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let Some(rest) = wire.get(length as usize..) else { return (bytes, false) };
                wire = rest;
                continue;
            }
            Err(_) => return (bytes, false),
        }
        if !inflate_frame(&mut decoder, &mut wire, &mut bytes, limit) {
            bytes.truncate(limit);
            return (bytes, false);
        }
    }
    bytes.truncate(limit);
    (bytes, true)
}

fn inflate_frame(decoder: &mut FrameDecoder, wire: &mut &[u8], bytes: &mut Vec<u8>, limit: usize) -> bool {
    while !decoder.is_finished() && bytes.len() < limit {
        let broken = decoder.decode_blocks(&mut *wire, BlockDecodingStrategy::UptoBlocks(1)).is_err();
        if broken && decoder.decode_blocks(FRAME_END.as_slice(), BlockDecodingStrategy::UptoBlocks(1)).is_err() {
            return false;
        }
        bytes.extend(decoder.collect().unwrap_or_default());
        if broken {
            return false;
        }
    }
    true
}
