//! Tags: fixed-size names of what a row answers to, in a leaf and as a key of the map.

use crate::hash::Hash;
use crate::query::Query;
use crate::row::Row;
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

/// The keys under which the map lists a row: its call (K1), action in the run (K2), agent in the run (K3) and tool call
/// (K4), as far as they are known; none for the kinds that are not indexed (model and gap).
#[must_use]
pub fn map_keys(row: &Row) -> Vec<Hash> {
    if !row.kind.is_indexed() {
        return Vec::new();
    }
    let run = row.run_id.as_deref();
    let mut keys = Vec::with_capacity(4);
    keys.extend(row.call_ref.as_deref().map(call_key));
    keys.push(action_key(run, &row.agent_id, &row.action_name));
    keys.push(agent_key(run, &row.agent_id));
    keys.extend(row.tool_call_id.as_deref().map(tool_call_key));
    keys
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
