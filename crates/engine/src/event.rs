//! What the user may want to know and no call returns.

use serde::Serialize;
use vouchsafe_backend::BackendError;
use vouchsafe_store::StoreError;

/// Something that the user may want to know and that no call returns.
#[derive(Debug, Clone, Serialize)]
pub struct EngineEvent {
    /// `writeFailed`, `bodiesLetGo`, `dropped`, `damaged` or `storeUnavailable`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The error's code, empty where there is none.
    pub code: String,
    /// One sentence.
    pub message: String,
}

impl EngineEvent {
    pub(crate) fn write_failed(error: &StoreError) -> Self {
        Self { kind: "writeFailed", code: error.code().into(), message: error.to_string() }
    }

    /// Postgres cannot be written to; said once an outage.
    pub(crate) fn store_unavailable(error: &StoreError) -> Self {
        Self { kind: "storeUnavailable", code: error.code().into(), message: error.to_string() }
    }

    pub(crate) fn damaged(error: &BackendError) -> Self {
        Self { kind: "damaged", code: error.code().into(), message: error.to_string() }
    }

    pub(crate) fn bodies_let_go() -> Self {
        let message = "the queue is full: rows are kept without their bodies until the disk catches up";
        Self { kind: "bodiesLetGo", code: String::new(), message: message.into() }
    }

    pub(crate) fn dropped() -> Self {
        let message = "exchanges are being dropped: the disk is far behind; a gap row will say how many";
        Self { kind: "dropped", code: String::new(), message: message.into() }
    }
}
