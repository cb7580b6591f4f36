//! Where hashes lie in tiles, and what tiles are called: C2SP tlog-tiles with tiles of height 8.
//!
//! The tile `n` of level `l` holds the hashes of the complete subtrees of height `8 * l` with the numbers `256 * n` and
//! up, one after the other.

/// Hashes in a full tile, and leaves in a full entry bundle.
pub const WIDTH: u64 = 256;

/// Levels of the tree that one tile spans.
pub const HEIGHT: u32 = 8;

/// Bytes of a hash in a tile.
pub(crate) const HASH_BYTES: usize = 32;

/// Bytes of a full tile.
pub(crate) const FULL_BYTES: usize = 256 * HASH_BYTES;

/// How many hashes the tile `n` of `level` holds in a log of `size` leaves: 0 (no such tile) to 256.
#[must_use]
pub fn width(level: u8, n: u64, size: u64) -> u64 {
    let hashes = size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0);
    n.checked_mul(WIDTH).map_or(0, |first| hashes.saturating_sub(first).min(WIDTH))
}

/// Path of a tile, relative to the log's address: `tile/<level>/<n>`, followed by `.p/<width>` if it is partial.
#[must_use]
pub fn path(level: u8, n: u64, width: u64) -> String {
    format!("tile/{level}/{}", number(n, width))
}

/// Path of an entry bundle, relative to the log's address: `tile/entries/<n>`, followed by `.p/<width>` if it is partial.
#[must_use]
pub fn entries_path(n: u64, width: u64) -> String {
    format!("tile/entries/{}", number(n, width))
}

/// Appends a leaf to an entry bundle: its length as u16, big-endian, then its bytes.
///
/// # Panics
/// Leaves of 64 KiB and more; ours have 65 or 113 bytes.
pub fn append_entry(bundle: &mut Vec<u8>, leaf: &[u8]) {
    let length = u16::try_from(leaf.len()).expect("a leaf is shorter than 64 KiB");
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(leaf);
}

/// `n` in groups of three digits, all but the last prefixed with x: 1234067 is `x001/x234/067`.
fn number(n: u64, width: u64) -> String {
    let mut text = format!("{:03}", n % 1000);
    let mut rest = n / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if width < WIDTH {
        text = format!("{text}.p/{width}");
    }
    text
}
