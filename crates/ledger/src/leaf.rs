//! What the leaves of the log are: a row leaf for each row, and a seal at the end of each commit.

use vouchsafe_core::hash::Hash;
use vouchsafe_core::query::Query;
use vouchsafe_core::row::Row;
use vouchsafe_core::tag::tag;

use crate::tree::EMPTY_ROOT;

const ROW_TYPE: u8 = 1;
const SEAL_TYPE: u8 = 2;

/// Root of the map without keys: SHA-256 of the empty string.
pub const EMPTY_MAP_ROOT: Hash = EMPTY_ROOT;

/// Bytes that are no leaf of the kind they are read as: wrong length, or wrong type byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{length} bytes are no {kind} leaf")]
pub struct LeafError {
    kind: &'static str,
    length: usize,
}

/// The leaf of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowLeaf {
    /// Number of the row among the log's rows, from 0.
    pub row_seq: u64,
    /// When the exchange ended, or the row was committed where somebody else's table was read; µs since 1970.
    pub time_us: u64,
    /// `tag("agent", agent_id)`.
    pub agent: Hash,
    /// `tag("action", action_name)`.
    pub action: Hash,
    /// The canonical row's hash.
    pub row_hash: Hash,
}

impl RowLeaf {
    /// Length of the encoded leaf in bytes.
    pub const LENGTH: usize = 113;

    /// The leaf of this row.
    #[must_use]
    pub fn of(row: &Row, row_seq: u64, time_us: u64) -> Self {
        let agent = tag("agent", &[&row.agent_id]);
        let action = tag("action", &[&row.action_name]);
        Self { row_seq, time_us, agent, action, row_hash: row.hash() }
    }

    /// Whether its row may answer a query by agent or action; a leaf knows neither its row's run nor its kind.
    #[must_use]
    pub fn may_answer(&self, query: &Query) -> bool {
        let is_of = |agent: &str| self.agent == tag("agent", &[agent]);
        match query {
            Query::Action { action, agent, .. } => is_of(agent) && self.action == tag("action", &[action]),
            Query::Agent { agent, .. } => is_of(agent),
            Query::Row { .. } | Query::Call { .. } | Query::ToolCall { .. } => false,
        }
    }

    /// `0x01 ‖ u64be row_seq ‖ u64be time_us ‖ agent ‖ action ‖ row_hash`.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [ROW_TYPE; Self::LENGTH];
        bytes[1..9].copy_from_slice(&self.row_seq.to_be_bytes());
        bytes[9..17].copy_from_slice(&self.time_us.to_be_bytes());
        bytes[17..49].copy_from_slice(&self.agent);
        bytes[49..81].copy_from_slice(&self.action);
        bytes[81..].copy_from_slice(&self.row_hash);
        bytes
    }

    /// Reads what [`encode`](Self::encode) writes.
    pub fn decode(leaf: &[u8]) -> Result<Self, LeafError> {
        let mut fields = Fields::new(leaf, ROW_TYPE, Self::LENGTH, "row")?;
        Ok(Self {
            row_seq: fields.number(),
            time_us: fields.number(),
            agent: fields.take(),
            action: fields.take(),
            row_hash: fields.take(),
        })
    }
}

/// The last leaf of a commit: every checkpoint's tree ends with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// Index of the commit's first row leaf; with 0 rows the seal's own index.
    pub first_index: u64,
    /// How many row leaves the commit has.
    pub rows: u64,
    /// Index of the seal before this one; [`Seal::NONE`] for the first.
    pub previous_seal_index: u64,
    /// Root of the map from query keys to rows.
    pub map_root: Hash,
    /// When the commit was made, in µs since 1970.
    pub time_us: u64,
}

impl Seal {
    /// Length of the encoded leaf in bytes.
    pub const LENGTH: usize = 65;

    /// The first seal's `previous_seal_index`.
    pub const NONE: u64 = u64::MAX;

    /// `0x02 ‖ u64be first_index ‖ u64be rows ‖ u64be previous_seal_index ‖ map_root ‖ u64be time_us`.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [SEAL_TYPE; Self::LENGTH];
        bytes[1..9].copy_from_slice(&self.first_index.to_be_bytes());
        bytes[9..17].copy_from_slice(&self.rows.to_be_bytes());
        bytes[17..25].copy_from_slice(&self.previous_seal_index.to_be_bytes());
        bytes[25..57].copy_from_slice(&self.map_root);
        bytes[57..].copy_from_slice(&self.time_us.to_be_bytes());
        bytes
    }

    /// Reads what [`encode`](Self::encode) writes.
    pub fn decode(leaf: &[u8]) -> Result<Self, LeafError> {
        let mut fields = Fields::new(leaf, SEAL_TYPE, Self::LENGTH, "seal")?;
        Ok(Self {
            first_index: fields.number(),
            rows: fields.number(),
            previous_seal_index: fields.number(),
            map_root: fields.take(),
            time_us: fields.number(),
        })
    }
}

/// What is left to read of a leaf whose length has been checked.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn new(leaf: &'a [u8], leaf_type: u8, length: usize, kind: &'static str) -> Result<Self, LeafError> {
        match leaf.split_first() {
            Some((first, rest)) if *first == leaf_type && leaf.len() == length => Ok(Self(rest)),
            _ => Err(LeafError { kind, length: leaf.len() }),
        }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk().expect("the leaf's length was checked");
        self.0 = rest;
        *field
    }

    fn number(&mut self) -> u64 {
        u64::from_be_bytes(self.take())
    }
}
