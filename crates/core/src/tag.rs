//! Tags: fixed-size names of what a row answers to, in a leaf and as a key of the map.

use crate::hash::Hash;
use crate::query::Query;
use crate::row::{Kind, Row};
use sha2::{Digest, Sha256};

/// The longest part that a tag can carry, in bytes of UTF-8: its length is a u16.
pub const MAX_PART_BYTES: usize = u16::MAX as usize;

const PREFIX: &[u8] = b"vouchsafe/tag/";

/// SHA-256("vouchsafe/tag/" ‖ name ‖ 0x00 ‖ for each part: u16be length ‖ UTF-8).
///
/// No row holds a part of more than [`MAX_PART_BYTES`] ([`Row`]'s parser refuses it), so a longer one, whose length is
/// written as 65,535, names nothing.
#[must_use]
pub fn tag(name: &str, parts: &[&str]) -> Hash {
    let mut hasher = Sha256::new_with_prefix(PREFIX);
    hasher.update(name);
    hasher.update([0]);
    for part in parts {
        hasher.update(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// What of a row decides under which keys the map lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selectors<'r> {
    /// The row's kind; model and gap rows are not indexed.
    pub kind: Kind,
    /// The run.
    pub run_id: Option<&'r str>,
    /// The agent's id.
    pub agent_id: &'r str,
    /// The action's name.
    pub action_name: &'r str,
    /// The call that the row belongs to.
    pub call_ref: Option<&'r str>,
    /// The model's tool call that the row belongs to.
    pub tool_call_id: Option<&'r str>,
}

impl<'r> Selectors<'r> {
    /// Those of this row.
    #[must_use]
    pub fn of(row: &'r Row) -> Self {
        Self {
            kind: row.kind,
            run_id: row.run_id.as_deref(),
            agent_id: &row.agent_id,
            action_name: &row.action_name,
            call_ref: row.call_ref.as_deref(),
            tool_call_id: row.tool_call_id.as_deref(),
        }
    }

    /// The keys: call (K1), action in the run (K2), agent in the run (K3) and tool call (K4), as far as they are known;
    /// none for the kinds that are not indexed.
    #[must_use]
    pub fn map_keys(&self) -> Vec<Hash> {
        if !self.kind.is_indexed() {
            return Vec::new();
        }
        let mut keys = Vec::with_capacity(4);
        keys.extend(self.call_ref.map(call_key));
        keys.push(action_key(self.run_id, self.agent_id, self.action_name));
        keys.push(agent_key(self.run_id, self.agent_id));
        keys.extend(self.tool_call_id.map(tool_call_key));
        keys
    }
}

/// The keys under which the map lists a row; see [`Selectors::map_keys`].
#[must_use]
pub fn map_keys(row: &Row) -> Vec<Hash> {
    Selectors::of(row).map_keys()
}

impl Query {
    /// The key of the map under which the rows that answer this query are listed; `None` for a query by row id, which
    /// needs no map.
    #[must_use]
    pub fn map_key(&self) -> Option<Hash> {
        match self {
            Self::Row { .. } => None,
            Self::Call { call } => Some(call_key(call)),
            Self::ToolCall { tool_call } => Some(tool_call_key(tool_call)),
            Self::Action { action, agent, run } => Some(action_key(run.as_deref(), agent, action)),
            Self::Agent { agent, run } => Some(agent_key(run.as_deref(), agent)),
        }
    }
}

fn call_key(call_ref: &str) -> Hash {
    tag("call", &[call_ref])
}

fn action_key(run: Option<&str>, agent: &str, action: &str) -> Hash {
    tag("action", &[run.unwrap_or_default(), agent, action])
}

fn agent_key(run: Option<&str>, agent: &str) -> Hash {
    tag("agent", &[run.unwrap_or_default(), agent])
}

fn tool_call_key(tool_call_id: &str) -> Hash {
    tag("toolcall", &[tool_call_id])
}
