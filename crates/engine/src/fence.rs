//! The fence: what a verification builds on covers every exchange that was accepted before the call.

use std::sync::Arc;

use vouchsafe_backend::{At, Backend, BackendError};

use crate::worker::Worker;

/// Waits until the log covers everything that this process accepted up to `ticket` and every row visible in the store.
///
/// Where that is so already, no commit is made.
pub(crate) async fn fence(worker: &Worker, backend: &dyn Backend, ticket: u64) -> Result<Arc<At>, BackendError> {
    if worker.committed_ticket() >= ticket
        && let Some(at) = backend.covering().await?
    {
        return Ok(at);
    }
    worker.fence(ticket).await
}
