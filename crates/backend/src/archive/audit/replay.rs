//! The replay: leaves to roots, row keys to map roots, and each commit's seal and checkpoint against them.

use std::mem;

use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::Seal;

use super::{
    commits::SignedCommit,
    dispute::{Dispute, Edges},
    map::Map,
    read::{Place, Stretch, Subject},
    report::{FindingCode, Findings},
    row::{AuditedRow, Content},
};
use crate::archive::tiles::{Recomputed, Tile};

/// A replay under way.
pub(super) struct Replay<'a> {
    commits: &'a [SignedCommit],
    next_commit: usize,
    edges: Edges,
    disputes: Vec<Dispute>,
    wrong_tile: Option<u64>,
    tiles: Recomputed,
    commit: CommitSoFar,
    previous_seal: Option<u64>,
    map: Map,
    judged: Judged,
    since: Option<u64>,
    so_far: Replayed,
}

/// What came of a replay.
pub(super) struct Replayed {
    /// What was found, with what had been found before.
    pub findings: Findings,
    /// The root over all leaves.
    pub root: Hash,
    /// Whether that is another than was signed.
    pub root_wrong: bool,
    /// The tiles above those of the leaves.
    pub upper_tiles: Vec<Tile>,
    /// Row leaves.
    pub rows: u64,
    /// Seals.
    pub seals: u64,
    /// Keys of the map.
    pub keys: u64,
    /// The map's root that the newest seal names, if that is what was signed and what the rows give, as far as known.
    pub map_root: Option<Hash>,
    /// The root at the size that was asked for, if the log had a seal there.
    pub since_root: Option<Hash>,
}

/// The commit whose seal is still to come.
#[derive(Default)]
struct CommitSoFar {
    rows: u64,
    /// The number of its first row; of the next row while it has none.
    first_row: u64,
    /// The number behind its last row.
    next_row: u64,
}

/// How far seals' map roots can be judged.
#[derive(Default)]
struct Judged {
    /// A row is not as it was signed, so the map may not be either.
    in_doubt: bool,
    /// The map is not the one that was signed, for want of a row: no root says anything any more.
    lost: bool,
    /// The last seal named a wrong root; only the first of several is a finding.
    wrong: bool,
}

impl<'a> Replay<'a> {
    /// A replay that begins with what was found already; it keeps the root at the size `since`.
    pub fn new(commits: &'a [SignedCommit], findings: Findings, since: Option<u64>) -> Self {
        Self {
            commits,
            next_commit: 0,
            edges: Edges::new(),
            disputes: Vec::new(),
            wrong_tile: None,
            tiles: Recomputed::default(),
            commit: CommitSoFar::default(),
            previous_seal: None,
            map: Map::default(),
            judged: Judged::default(),
            since,
            so_far: Replayed {
                findings,
                root: Hash::default(),
                root_wrong: false,
                upper_tiles: Vec::new(),
                rows: 0,
                seals: 0,
                keys: 0,
                map_root: None,
                since_root: None,
            },
        }
    }

    /// Takes the next leaves.
    pub fn take(mut self, stretch: Stretch) -> Self {
        if stretch.tile_is_long {
            let message = format!("tile 0/{} holds more hashes than there are leaves", stretch.first / 256);
            self.so_far.findings.add(FindingCode::TileChanged, None, None, message);
        }
        for (row_seq, id) in stretch.strays {
            let message = format!("row {row_seq} stands among those that the log covers, and no leaf is its own");
            self.so_far.findings.add(FindingCode::RowWithoutLeaf, None, Some((row_seq, Some(&id))), message);
        }
        for (index, place) in (stretch.first..).zip(stretch.places) {
            self.place(index, place);
        }
        if let Some(edge) = self.edges.settled() {
            let full = self.tiles.full(edge);
            self.so_far.upper_tiles.extend(full.into_iter().filter(|(level, ..)| *level > 0));
        }
        self
    }

    /// Ends the replay behind the last leaf.
    pub fn finish(mut self) -> Replayed {
        self.settle(None);
        while let Some(commit) = self.commits.get(self.next_commit) {
            self.without_seal(commit);
            self.next_commit += 1;
        }
        let edge = self.edges.settled().expect("it was settled");
        let rest = self.tiles.rest(edge).into_iter().filter(|(level, ..)| *level > 0);
        self.so_far.upper_tiles.extend(rest);
        Replayed { root: edge.root(), keys: self.map.len(), ..self.so_far }
    }

    fn place(&mut self, index: u64, place: Place) {
        if let Subject::Row(row_seq, row) = &place.subject {
            self.so_far.rows += 1;
            if self.commit.rows == 0 {
                self.commit.first_row = *row_seq;
            }
            self.commit.rows += 1;
            self.commit.next_row = row_seq + 1;
            if let Some(Content { keys, .. }) = row.as_ref().and_then(|row| row.content.as_ref().ok()) {
                for key in keys {
                    self.map.list(key, index);
                }
            }
        }
        let seal = match (&place.subject, &place.leaf) {
            (Subject::Seal, Some((leaf, _))) => Some(Seal::decode(leaf).ok()),
            (Subject::Seal, None) => Some(None),
            (Subject::Row(..), _) => None,
        };
        if agreed(&place) {
            let (_, hash) = place.leaf.as_ref().expect("an agreed leaf is there");
            self.edges.push(*hash);
            if let Subject::Row(row_seq, Some(row)) = &place.subject {
                self.own_words(index, *row_seq, row);
            }
        } else {
            let dispute = self.edges.push_disputed(index, place);
            self.disputes.push(dispute);
        }
        if let Some(seal) = seal {
            self.end_of_commit(index, seal);
        }
    }

    /// What a row that is the signed one says wrongly about itself.
    fn own_words(&mut self, index: u64, row_seq: u64, row: &AuditedRow) {
        let Ok(content) = &row.content else { return };
        let subject = Some((i64::try_from(row_seq).unwrap_or(i64::MAX), Some(row.id.as_str())));
        let findings = &mut self.so_far.findings;
        if !content.hash_stands {
            let message = format!("row {row_seq}: the hash that is stored beside it is not its own");
            findings.add(FindingCode::RowChanged, Some(index), subject, message);
        }
        if !content.wrong_fields.is_empty() {
            let message = format!("row {row_seq} has not the {} that it commits to", content.wrong_fields.join(", "));
            findings.add(FindingCode::FieldChanged, Some(index), subject, message);
        }
    }

    fn end_of_commit(&mut self, index: u64, mut seal: Option<Seal>) {
        self.so_far.seals += 1;
        let size = index + 1;
        while let Some(commit) = self.commits.get(self.next_commit).filter(|commit| commit.size < size) {
            self.without_seal(commit);
            self.next_commit += 1;
        }
        let commits = self.commits;
        let stored = commits.get(self.next_commit).filter(|commit| commit.size == size);
        if let Some(stored) = stored {
            self.next_commit += 1;
            if let Some(signed) = stored.root()
                && self.settle(Some(signed)).contains(&index)
            {
                seal = None;
            }
            self.columns(index, stored);
        } else {
            let message = format!("the checkpoint that the seal at {index} belongs to is not stored");
            self.so_far.findings.add(FindingCode::CommitsWrong, Some(index), None, message);
        }
        if self.since == Some(size) {
            self.so_far.since_root = self.edges.settled().map(|edge| edge.root());
        }
        // Nobody knows whose word counts until a signed root says so, nor what a changed seal said.
        let seal = seal.filter(|_| self.disputes.is_empty());
        self.so_far.map_root = seal.filter(|seal| self.seal(index, seal)).map(|seal| seal.map_root);
        self.previous_seal = Some(index);
        self.commit = CommitSoFar { rows: 0, first_row: self.commit.next_row, next_row: self.commit.next_row };
    }

    /// Settles all disputes by a signed root; returns the leaves whose stored bytes are not what was signed.
    fn settle(&mut self, signed: Option<&Hash>) -> Vec<u64> {
        let (settled, borne_out) = self.edges.settle(signed);
        let disputes = mem::take(&mut self.disputes);
        let mut changed = Vec::new();
        for dispute in &disputes {
            let named = self.wrong_tile.is_some() && self.wrong_tile == dispute.wrong_tile(settled);
            self.wrong_tile = dispute.wrong_tile(settled).or(self.wrong_tile);
            if !dispute.judge(settled, named, &mut self.so_far.findings) {
                self.judged.in_doubt = true;
            } else if let Some((index, row_seq, row)) = dispute.row() {
                self.own_words(index, row_seq, row);
            }
            changed.extend(dispute.changed_leaf(settled));
        }
        if signed.is_some() {
            if !borne_out && !self.so_far.root_wrong {
                let size = self.edges.settled().map_or(0, |edge| edge.size());
                let first = size - self.commit.rows - 1;
                let message = format!(
                    "the leaves do not add up to the root that was signed at size {size}: one from {first} on was changed together with its tile"
                );
                self.so_far.findings.add(FindingCode::CheckpointInvalid, Some(size - 1), None, message);
            }
            self.so_far.root_wrong = !borne_out;
        }
        changed
    }

    /// The columns beside a checkpoint.
    fn columns(&mut self, index: u64, stored: &SignedCommit) {
        let CommitSoFar { rows, first_row, .. } = self.commit;
        let is = |column: i64, value: u64| u64::try_from(column) == Ok(value);
        // With a note that holds, the column was compared with it already.
        let other_root = stored.signed.is_none()
            && self.edges.settled().is_some_and(|edge| edge.root().as_slice() != stored.root.as_slice());
        let differing = listed([
            ("first_index", !is(stored.first_index, index - rows)),
            ("first_row_seq", !is(stored.first_row_seq, first_row)),
            ("rows", !is(stored.rows, rows)),
            ("root", other_root),
        ]);
        if let Some(differing) = differing {
            let message = format!("the commit of size {}: its {differing} is not what its leaves say", index + 1);
            self.so_far.findings.add(FindingCode::CommitsWrong, Some(index), None, message);
        }
    }

    /// What a seal says of its commit; false where its map is not the one that the rows give.
    fn seal(&mut self, index: u64, seal: &Seal) -> bool {
        let rows = self.commit.rows;
        let differing = listed([
            ("first_index", seal.first_index != index - rows),
            ("rows", seal.rows != rows),
            ("previous_seal_index", seal.previous_seal_index != self.previous_seal.unwrap_or(Seal::NONE)),
        ]);
        let findings = &mut self.so_far.findings;
        if let Some(differing) = differing {
            let message = format!("the seal at {index}: its {differing} is not what the leaves before it say");
            findings.add(FindingCode::SealWrong, Some(index), None, message);
        }
        if self.judged.lost {
            return true;
        }
        let right = seal.map_root == self.map.root();
        if right {
            self.judged = Judged::default();
        } else if self.judged.in_doubt {
            self.judged.lost = true;
        } else if !mem::replace(&mut self.judged.wrong, true) {
            let message = format!("the seal at {index} names another map than the rows up to it give");
            findings.add(FindingCode::MapWrong, Some(index), None, message);
        }
        !self.judged.wrong
    }

    /// A checkpoint at whose end no seal stands.
    fn without_seal(&mut self, commit: &SignedCommit) {
        let index = commit.size.checked_sub(1);
        let message = format!("no seal stands at the end of the checkpoint of size {}", commit.size);
        let code = if commit.signed.is_some() { FindingCode::SealWrong } else { FindingCode::CommitsWrong };
        self.so_far.findings.add(code, index, None, message);
    }
}

/// Whether row, leaf and tile say the same.
fn agreed(place: &Place) -> bool {
    let Some((leaf, hash)) = &place.leaf else { return false };
    place.tile.as_ref() == Some(hash)
        && match &place.subject {
            Subject::Seal => true,
            Subject::Row(_, Some(row)) => row.content.as_ref().is_ok_and(|content| content.leaf == leaf.as_slice()),
            Subject::Row(_, None) => false,
        }
}

/// The names of what is wrong, if anything is.
fn listed<const N: usize>(names: [(&str, bool); N]) -> Option<String> {
    let wrong: Vec<_> = names.into_iter().filter_map(|(name, wrong)| wrong.then_some(name)).collect();
    (!wrong.is_empty()).then(|| wrong.join(", "))
}
