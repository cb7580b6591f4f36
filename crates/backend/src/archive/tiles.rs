//! The tiles that leaves add up to, one after the other, to be compared with the stored ones.

use vouchsafe_ledger::{Appender, tile};

/// Bytes of a full tile.
const FULL_BYTES: usize = 256 * 32;

/// A tile as level, number and hashes.
pub(super) type Tile = (u8, u64, Vec<u8>);

/// Collects an appender's tiles as they become full, and in the end the partial ones of its right edge.
#[derive(Default)]
pub(super) struct Recomputed {
    partial: Vec<Tile>,
}

impl Recomputed {
    /// The tiles that became full since the last call.
    pub fn full(&mut self, edge: &mut Appender) -> Vec<Tile> {
        let (full, partial): (Vec<_>, Vec<_>) =
            edge.take_changed_tiles().into_iter().partition(|(_, _, hashes)| hashes.len() == FULL_BYTES);
        self.partial.retain(|(level, n, _)| !full.iter().chain(&partial).any(|(l, m, _)| (l, m) == (level, n)));
        self.partial.extend(partial);
        full
    }

    /// The tiles that are still partial, and full ones that [`full`](Self::full) has not given out.
    pub fn rest(mut self, edge: &mut Appender) -> Vec<Tile> {
        let mut rest = self.full(edge);
        rest.append(&mut self.partial);
        rest
    }
}

/// What is wrong with a stored tile, if anything: it must begin with `expected`, and hold nothing else unless the store
/// holds leaves beyond the log that is looked at (`longer`).
pub(super) fn difference(level: u8, n: u64, stored: Option<&[u8]>, expected: &[u8], longer: bool) -> Option<String> {
    let path = tile::path(level, n, expected.len() as u64 / 32);
    match stored {
        None => Some(format!("{path} is missing")),
        Some(stored) if stored.len() < expected.len() => Some(format!("{path} is cut off")),
        Some(stored) => {
            let differs = stored.chunks(32).zip(expected.chunks(32)).position(|(stored, expected)| stored != expected);
            match differs {
                Some(at) => Some(format!("{path} holds another hash at {at} than its leaves add up to")),
                None if stored.len() > expected.len() && !longer => Some(format!("{path} is too long")),
                None => None,
            }
        }
    }
}
