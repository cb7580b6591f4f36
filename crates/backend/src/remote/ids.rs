//! What the server calls our table and our project, asked once for all who need it.

use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, timeout_at},
};

use crate::BackendError;

/// A table behind the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub middleware: String,
    pub database: String,
    pub schema: String,
    pub id: String,
}

/// What is known so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub table: Option<Table>,
    pub collection: Option<String>,
    pub integration: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Ids {
    known: std::sync::Mutex<Known>,
    asking: Mutex<()>,
}

impl Ids {
    pub fn known(&self) -> Known {
        self.known.lock().expect("nothing panics while it holds the ids").clone()
    }

    /// The turn to ask the server, while the others wait for what it says.
    pub async fn turn(&self, deadline: Instant) -> Result<MutexGuard<'_, ()>, BackendError> {
        let turn = timeout_at(deadline, self.asking.lock()).await;
        turn.map_err(|_| BackendError::TimedOut("the handshake".into()))
    }

    pub fn learn(&self, learn: impl FnOnce(&mut Known)) {
        learn(&mut self.known.lock().expect("nothing panics while it holds the ids"));
    }

    /// Forgets all, where the server does not know them any more.
    pub fn forget(&self) {
        *self.known.lock().expect("nothing panics while it holds the ids") = Known::default();
    }
}

/// An id as it may become part of a path.
pub(super) fn checked(id: Option<&str>) -> Result<String, BackendError> {
    let id = id.ok_or_else(|| BackendError::Protocol("an answer without an id".into()))?;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Err(BackendError::Protocol("an id that is none".into()));
    }
    Ok(id.to_owned())
}
