//! Commits that were asked for.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::document::{Document, Kind};

/// A commit that was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    pub id: Uuid,
    pub status: RunStatus,
    pub error: Option<String>,
    /// The signed note of the state that it made.
    pub checkpoint: Option<String>,
    /// How many rows that state covers.
    pub rows: Option<u64>,
}

/// How a run is getting on, in the protocol's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    Processing,
    Completed,
    Error,
}

impl Run {
    pub fn begun(id: Uuid) -> Self {
        Self { id, status: RunStatus::Processing, error: None, checkpoint: None, rows: None }
    }

    pub fn completed(id: Uuid, checkpoint: String, rows: u64) -> Self {
        Self { status: RunStatus::Completed, checkpoint: Some(checkpoint), rows: Some(rows), ..Self::begun(id) }
    }

    pub fn failed(id: Uuid, error: &str) -> Self {
        Self { status: RunStatus::Error, error: Some(error.to_owned()), ..Self::begun(id) }
    }

    pub fn has_ended(&self) -> bool {
        self.status != RunStatus::Processing
    }
}

impl Document for Run {
    const KIND: Kind = Kind::Run;

    fn id(&self) -> Uuid {
        self.id
    }
}

/// The newest run that was asked for of a table. It names the run, so that replicas which end runs of their own do not
/// overwrite each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Newest {
    pub table: Uuid,
    pub run: Uuid,
}

impl Document for Newest {
    const KIND: Kind = Kind::Newest;

    fn id(&self) -> Uuid {
        self.table
    }
}
