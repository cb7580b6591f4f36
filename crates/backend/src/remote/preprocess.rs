//! Having the server commit the table.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use vouchsafe_ledger::Checkpoint;

use super::{Shared, call::Call};
use crate::{At, BackendError, polling::Wait};

/// What the server says of the newest commit of a table.
#[derive(Debug, Deserialize)]
struct Run {
    #[serde(default)]
    status: String,
    error: Option<Value>,
    status_detail: Option<Value>,
    checkpoint: Option<String>,
    rows: Option<String>,
}

impl Run {
    fn is_under_way(&self) -> bool {
        matches!(self.status.as_str(), "pending" | "processing")
    }
}

impl Shared {
    /// Commits what is visible in the table now.
    pub async fn preprocess(&self) -> Result<Arc<At>, BackendError> {
        let deadline = self.client.deadline();
        let mut path = self.preprocess_path(deadline).await?;
        // Another server has no queue: what is under way may have begun before our rows were there.
        if !self.client.is_ours() {
            let run = self.client.send(Call::get(path.clone(), deadline)).await?;
            let sent = run.sent;
            if run.status != 404 && run.json::<Run>()?.is_under_way() {
                self.committed(&path, sent, deadline).await?;
            }
        }
        let body = json!({ "force": true });
        let mut started = self.client.send(Call::post(path.clone(), body.clone(), deadline)).await?;
        if started.status == 404 {
            self.ids.forget();
            path = self.preprocess_path(deadline).await?;
            started = self.client.send(Call::post(path.clone(), body, deadline)).await?;
        }
        let started = started.ok()?.sent;
        let run = self.committed(&path, started, deadline).await?;
        let at = Arc::new(run.at()?);
        *self.newest.lock().expect("never held over a panic") = Some(Arc::clone(&at));
        Ok(at)
    }

    async fn preprocess_path(&self, deadline: Instant) -> Result<String, BackendError> {
        let table = self.table(deadline).await?;
        Ok(format!("{}/middlewares/{}/tables/{}/preprocess", self.org, table.middleware, table.id))
    }

    /// Waits for the end of a commit.
    async fn committed(&self, path: &str, started: Instant, deadline: Instant) -> Result<Run, BackendError> {
        let mut wait = Wait::new(Arc::clone(&self.schedules.preprocess), started, self.client.is_ours());
        loop {
            if timeout_at(deadline, wait.turn()).await.is_err() {
                return Err(BackendError::TimedOut("preprocessing the table".into()));
            }
            let reply = self.client.send(Call::get(path.to_owned(), deadline).poll()).await?;
            let (sent, held) = (reply.sent, reply.held());
            let run: Run = reply.json()?;
            if run.status == "error" {
                let detail = run.error.or(run.status_detail).unwrap_or_default();
                return Err(BackendError::Unavailable(format!("preprocessing the table failed: {detail}")));
            }
            let done = run.status == "completed";
            wait.heard(done, sent, held);
            if done {
                return Ok(run);
            }
        }
    }
}

impl Run {
    /// The state that was committed, where the server signs one.
    fn at(&self) -> Result<At, BackendError> {
        let (Some(note), Some(rows)) = (&self.checkpoint, &self.rows) else { return Ok(At::unsigned()) };
        Ok(At::new(checkpoint(note)?, note.clone(), rows.parse().map_err(|_| protocol("rows is no decimal"))?))
    }
}

/// What a note says; whether its signer is to be believed is the evaluator's question.
pub(super) fn checkpoint(note: &str) -> Result<Checkpoint, BackendError> {
    let end = note.rfind("\n\n").ok_or_else(|| protocol("a checkpoint without signatures"))?;
    Checkpoint::parse(&note[..=end]).map_err(|error| BackendError::Protocol(error.to_string()))
}

fn protocol(what: &str) -> BackendError {
    BackendError::Protocol(what.to_owned())
}
