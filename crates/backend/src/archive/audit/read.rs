//! Reading: leaves in order, each with its tile's hash and its row.

use std::{collections::VecDeque, sync::Arc};

use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::{RowLeaf, Seal, leaf_hash, tile::WIDTH};
use vouchsafe_store::sqlite::{ArchivedRow, Reader};

use super::{
    commits::SignedCommit,
    row::{AuditedRow, audited},
};
use crate::archive::ArchiveError;

/// Rows read at once: so many, or so many bytes of them.
const ROWS: u32 = 512;
const BYTES: usize = 4 << 20;

/// A tile's leaves with all that is stored about them.
pub(super) struct Stretch {
    /// The first leaf's index.
    pub first: u64,
    /// One for each leaf.
    pub places: Vec<Place>,
    /// Whether the tile holds more than there are leaves.
    pub tile_is_long: bool,
    /// Rows that stand before these leaves' own and have none: number and id.
    pub strays: Vec<(i64, String)>,
}

/// What is stored about one leaf.
pub(super) struct Place {
    /// The leaf's bytes and their hash.
    pub leaf: Option<(Vec<u8>, Hash)>,
    /// The hash in the tile.
    pub tile: Option<Hash>,
    /// What the leaf is about.
    pub subject: Subject,
}

/// What a leaf is about.
pub(super) enum Subject {
    /// A commit.
    Seal,
    /// The row with this number.
    Row(u64, Option<AuditedRow>),
}

/// Hands over the log's first `size` leaves in order.
pub(super) fn read(
    reader: &Reader,
    commits: &[SignedCommit],
    size: u64,
    longer: bool,
    mut hand_over: impl FnMut(Stretch),
    progress: &dyn Fn(u64, u64),
) -> Result<(), ArchiveError> {
    let mut rows = Rows { reader, read: VecDeque::new(), next: Some(i64::MIN) };
    let mut next_row = 0;
    let mut first = 0;
    while first < size {
        let end = size.min(first + WIDTH);
        let tile = reader.tile(0, first / WIDTH)?;
        let tile_is_long = tile.as_deref().is_some_and(|tile| tile.len() as u64 > (end - first) * 32) && !longer;
        let mut stretch = Stretch { first, places: Vec::with_capacity(256), tile_is_long, strays: Vec::new() };
        let mut leaves = reader.leaves(first, end)?.into_iter().peekable();
        for index in first..end {
            let leaf = leaves.next_if(|(at, _)| *at == index).map(|(_, leaf)| (leaf_hash(&leaf), leaf));
            let leaf = leaf.map(|(hash, leaf)| (leaf, hash));
            let hash = hash_at(tile.as_ref(), index - first);
            let subject = if is_seal(leaf.as_ref(), hash.as_ref(), commits, index + 1) {
                Subject::Seal
            } else {
                let named = leaf.as_ref().and_then(|(leaf, _)| RowLeaf::decode(leaf).ok());
                if let Some(named) = named.filter(|named| named.row_seq > next_row) {
                    // A signer may have left rows out; a leaf that somebody made up must not count as that.
                    let is_its_own = reader
                        .row(named.row_seq)
                        .is_ok_and(|row| row.is_some_and(|row| row.row_hash == named.row_hash));
                    if is_its_own {
                        next_row = named.row_seq;
                    }
                }
                let row = rows.take(next_row, &mut stretch.strays)?;
                let row = row.map(|row| audited(row, next_row, named.map(|named| named.time_us)));
                next_row += 1;
                Subject::Row(next_row - 1, row)
            };
            stretch.places.push(Place { leaf, tile: hash, subject });
        }
        hand_over(stretch);
        progress(end, size);
        first = end;
    }
    Ok(())
}

fn hash_at(tile: Option<&Arc<[u8]>>, at: u64) -> Option<Hash> {
    let at = usize::try_from(at).expect("below 256") * 32;
    tile?.get(at..at + 32).map(|hash| hash.try_into().expect("32 bytes"))
}

/// Whether a seal belongs here: as the leaf says, unless the leaf is in doubt; then as the checkpoints say.
fn is_seal(leaf: Option<&(Vec<u8>, Hash)>, tile: Option<&Hash>, commits: &[SignedCommit], size: u64) -> bool {
    let by_commits = || commits.binary_search_by_key(&size, |commit| commit.size).is_ok();
    match leaf {
        Some((leaf, hash)) if tile.is_none_or(|tile| tile == hash) => {
            Seal::decode(leaf).is_ok() || (RowLeaf::decode(leaf).is_err() && by_commits())
        }
        _ => by_commits(),
    }
}

/// The table of rows, read in stretches.
struct Rows<'r> {
    reader: &'r Reader,
    read: VecDeque<ArchivedRow>,
    next: Option<i64>,
}

impl Rows<'_> {
    /// The row with this number; rows before it go to `strays`.
    fn take(&mut self, row_seq: u64, strays: &mut Vec<(i64, String)>) -> Result<Option<ArchivedRow>, ArchiveError> {
        let row_seq = i64::try_from(row_seq).unwrap_or(i64::MAX);
        loop {
            let Some(row) = self.peek()? else { return Ok(None) };
            if row.row_seq > row_seq {
                return Ok(None);
            }
            let row = self.read.pop_front().expect("it was peeked at");
            if row.row_seq == row_seq {
                return Ok(Some(row));
            }
            strays.push((row.row_seq, row.id));
        }
    }

    fn peek(&mut self) -> Result<Option<&ArchivedRow>, ArchiveError> {
        if let Some(next) = self.next.filter(|_| self.read.is_empty()) {
            self.read = self.reader.rows(next, ROWS, BYTES)?.into();
            self.next = self.read.back().and_then(|row| row.row_seq.checked_add(1));
        }
        Ok(self.read.front())
    }
}
