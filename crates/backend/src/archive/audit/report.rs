//! What comes of an audit.

use std::time::Duration;

use vouchsafe_core::hash::Hash;

/// How many findings are listed; more are counted.
const LISTED: usize = 100;

/// What an audit found.
#[derive(Debug, Clone)]
pub struct AuditReport {
    /// The log's name.
    pub origin: String,
    /// Leaves of the log.
    pub size: u64,
    /// The root over them, as replayed.
    pub root: Hash,
    /// Row leaves among them.
    pub rows: u64,
    /// Seals among them.
    pub seals: u64,
    /// Keys of the map.
    pub keys: u64,
    /// Whether the log extends the older checkpoint that was given.
    pub since: Option<Since>,
    /// What is wrong, at most 100 of it.
    pub findings: Vec<Finding>,
    /// How much is wrong.
    pub findings_total: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// How the log relates to an older checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// The older checkpoint's size.
    pub size: u64,
    /// Whether its leaves are the first ones of this log.
    pub extends: bool,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: FindingCode,
    /// The leaf that it is about.
    pub index: Option<u64>,
    /// The number of the row that it is about; negative where somebody made one up.
    pub row_seq: Option<i64>,
    /// The id of the row that it is about.
    pub row_id: Option<String>,
    /// One sentence.
    pub message: String,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingCode {
    /// A row's columns are not those that its leaf commits to.
    RowChanged,
    /// A leaf's row is gone.
    RowMissing,
    /// A row stands among those that the log covers, and no leaf is its own.
    RowWithoutLeaf,
    /// A stored leaf is not the one that was signed.
    LeafChanged,
    /// A leaf is gone.
    LeafMissing,
    /// A tile is not what its leaves add up to.
    TileChanged,
    /// A seal says something else of its commit than the leaves before it, or a checkpoint ends without one.
    SealWrong,
    /// A seal names another map than the rows give, or the stored map is not the one that was signed.
    MapWrong,
    /// A checkpoint's signature does not hold, or the leaves add up to another root.
    CheckpointInvalid,
    /// What is stored beside a checkpoint is not what it and the leaves say.
    CommitsWrong,
    /// A stored URL, header block or body is not the one that its row commits to.
    FieldChanged,
    /// The log does not extend the older checkpoint.
    Fork,
}

impl FindingCode {
    /// The stable code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RowChanged => "row_changed",
            Self::RowMissing => "row_missing",
            Self::RowWithoutLeaf => "row_without_leaf",
            Self::LeafChanged => "leaf_changed",
            Self::LeafMissing => "leaf_missing",
            Self::TileChanged => "tile_changed",
            Self::SealWrong => "seal_wrong",
            Self::MapWrong => "map_wrong",
            Self::CheckpointInvalid => "checkpoint_invalid",
            Self::CommitsWrong => "commits_wrong",
            Self::FieldChanged => "field_changed",
            Self::Fork => "fork",
        }
    }
}

/// Findings as they come in.
#[derive(Debug, Default)]
pub(super) struct Findings {
    listed: Vec<Finding>,
    total: u64,
}

impl Findings {
    /// Adds a finding about a leaf, a row (number and id), both, or neither.
    pub fn add(&mut self, code: FindingCode, index: Option<u64>, row: Option<(i64, Option<&str>)>, message: String) {
        self.total += 1;
        if self.listed.len() < LISTED {
            let row_id = row.and_then(|(_, id)| id.map(str::to_owned));
            self.listed.push(Finding { code, index, row_seq: row.map(|(row_seq, _)| row_seq), row_id, message });
        }
    }

    pub fn take(self) -> (Vec<Finding>, u64) {
        (self.listed, self.total)
    }
}
