//! Who a key belongs to and what it may do.

use std::sync::Arc;

use uuid::Uuid;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Full,
    /// Read query records, proofs and checkpoints, and have them verified.
    Read,
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The key's name, for the log and the rate.
    pub name: Arc<str>,
    pub scope: Scope,
    /// What the key is for; anything where there is none.
    pub only: Option<Only>,
}

/// The organization that a key is for, and the tables of it.
#[derive(Debug, Clone)]
pub struct Only {
    pub org: Uuid,
    pub tables: Arc<[Uuid]>,
}

impl Caller {
    pub fn may_see(&self, org: Uuid) -> bool {
        self.only.as_ref().is_none_or(|only| only.org == org)
    }

    pub fn may_read(&self, table: Uuid) -> bool {
        self.only.as_ref().is_none_or(|only| only.tables.contains(&table))
    }
}
