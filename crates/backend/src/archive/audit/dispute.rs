//! A row, its leaf and its tile that disagree: whose word the log is continued with, and who is then wrong.

use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::{Appender, RowLeaf, leaf_hash};

use super::{
    read::{Place, Subject},
    report::{FindingCode, Findings},
    row::AuditedRow,
};

/// One leaf about which its witnesses disagree.
pub(super) struct Dispute {
    index: u64,
    place: Place,
    /// The hash by each of the [`Edges`].
    picks: [Hash; 3],
}

/// The log's right edge: one, or three while it is open whom to believe first: the tile, the leaf, or the majority.
pub(super) struct Edges(Vec<Appender>);

impl Edges {
    pub fn new() -> Self {
        Self(vec![Appender::default()])
    }

    /// Appends a leaf that nobody disputes.
    pub fn push(&mut self, hash: Hash) {
        self.0.iter_mut().for_each(|edge| edge.push(hash));
    }

    /// Appends a leaf about which the witnesses disagree.
    pub fn push_disputed(&mut self, index: u64, place: Place) -> Dispute {
        let (leaf, tile) = (place.leaf.as_ref().map(|(_, hash)| *hash), place.tile);
        let row = match &place.subject {
            Subject::Row(_, Some(row)) => row.content.as_ref().ok().map(|content| leaf_hash(&content.leaf)),
            _ => None,
        };
        let first = |order: [Option<Hash>; 3]| order.into_iter().flatten().next().unwrap_or_default();
        let majority = if row.is_some() && row == leaf { leaf } else { tile };
        let picks = [first([tile, leaf, row]), first([leaf, tile, row]), first([majority, leaf, row])];
        if self.0.len() == 1 && picks.iter().any(|pick| *pick != picks[0]) {
            self.0 = vec![self.0[0].clone(), self.0[0].clone(), self.0.swap_remove(0)];
        }
        self.0.iter_mut().zip(picks).for_each(|(edge, pick)| edge.push(pick));
        Dispute { index, place, picks }
    }

    /// Whom the signed root bears out; the majority where it is nobody or nothing was signed. The others are dropped.
    /// The answer's second half is whether somebody was borne out.
    pub fn settle(&mut self, signed: Option<&Hash>) -> (usize, bool) {
        let found = self.0.iter().position(|edge| signed == Some(&edge.root()));
        let settled = found.unwrap_or(self.0.len() - 1);
        let edge = self.0.swap_remove(settled);
        self.0 = vec![edge];
        (settled, found.is_some())
    }

    /// The edge where there is one.
    pub fn settled(&mut self) -> Option<&mut Appender> {
        match self.0.as_mut_slice() {
            [edge] => Some(edge),
            _ => None,
        }
    }
}

impl Dispute {
    /// Names whoever is wrong, once it is settled which edge is right. `tile_was_named` says whether the tile was before.
    /// True where the row is as it was signed.
    pub fn judge(&self, settled: usize, tile_was_named: bool, findings: &mut Findings) -> bool {
        let Self { index, place, picks } = self;
        let signed = picks[settled];
        if place.tile != Some(signed) && !tile_was_named {
            let n = index / 256;
            let message = match place.tile {
                None => format!("tile 0/{n} is missing or cut off before leaf {index}"),
                Some(_) => format!("tile 0/{n} holds another hash for leaf {index} than was signed"),
            };
            findings.add(FindingCode::TileChanged, Some(*index), None, message);
        }
        let row_id = match &place.subject {
            Subject::Row(row_seq, row) => Some((*row_seq, row.as_ref().map(|row| row.id.as_str()))),
            Subject::Seal => None,
        }
        .map(|(row_seq, id)| (i64::try_from(row_seq).unwrap_or(i64::MAX), id));
        let leaf = place.leaf.as_ref().filter(|(_, hash)| *hash == signed).map(|(leaf, _)| leaf.as_slice());
        match &place.leaf {
            None => findings.add(FindingCode::LeafMissing, Some(*index), row_id, format!("leaf {index} is missing")),
            Some(_) if leaf.is_none() => {
                let message = format!("leaf {index} is not the one that was signed");
                findings.add(FindingCode::LeafChanged, Some(*index), row_id, message);
            }
            Some(_) => {}
        }
        let Subject::Row(row_seq, row) = &place.subject else { return true };
        let message = match row {
            None => {
                let message = format!("row {row_seq}, whose leaf is {index}, is missing");
                findings.add(FindingCode::RowMissing, Some(*index), row_id, message);
                return false;
            }
            Some(row) => match &row.content {
                Ok(content) if leaf_hash(&content.leaf) == signed => return true,
                Ok(content) => {
                    let what = leaf.map_or("its columns differ".into(), |leaf| difference(leaf, &content.leaf));
                    format!("row {row_seq} is not the one that leaf {index} commits to: {what}")
                }
                Err(why) => format!("row {row_seq}, whose leaf is {index}, cannot be read: {why}"),
            },
        };
        findings.add(FindingCode::RowChanged, Some(*index), row_id, message);
        false
    }

    /// The leaf, if its stored bytes are not what was signed.
    pub fn changed_leaf(&self, settled: usize) -> Option<u64> {
        let stands = self.place.leaf.as_ref().is_some_and(|(_, hash)| *hash == self.picks[settled]);
        (!stands).then_some(self.index)
    }

    /// The row that the leaf is about, as leaf index, number and content.
    pub fn row(&self) -> Option<(u64, u64, &AuditedRow)> {
        match &self.place.subject {
            Subject::Row(row_seq, Some(row)) => Some((self.index, *row_seq, row)),
            _ => None,
        }
    }

    /// The number of the tile that the leaf is in, if that is wrong.
    pub fn wrong_tile(&self, settled: usize) -> Option<u64> {
        (self.place.tile != Some(self.picks[settled])).then_some(self.index / 256)
    }
}

/// Which columns of a row differ from those that its leaf names; the leaf names a few, and has a hash of all.
fn difference(leaf: &[u8], derived: &[u8]) -> String {
    let (Ok(leaf), Ok(row)) = (RowLeaf::decode(leaf), RowLeaf::decode(derived)) else {
        return "its leaf is no row's".into();
    };
    let named: Vec<_> = [
        ("row_seq", leaf.row_seq != row.row_seq),
        ("agent_id", leaf.agent != row.agent),
        ("action_name", leaf.action != row.action),
        ("ended_us", leaf.time_us != row.time_us),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect();
    if named.is_empty() {
        "a column that goes into its hash differs".into()
    } else {
        format!("{} differs", named.join(", "))
    }
}
