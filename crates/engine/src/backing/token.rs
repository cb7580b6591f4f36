//! Bearer tokens for a remote backend.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

use vouchsafe_backend::{BackendError, BoxFuture, TokenSource};

use crate::secret::Secret;

/// The token that the options give; once it is refused there is no other.
pub(super) struct FixedToken(pub Secret);

impl TokenSource for FixedToken {
    fn token(&self, rejected: Option<String>) -> BoxFuture<'_, Result<String, BackendError>> {
        let token = match rejected {
            None => Ok(self.0.expose().to_owned()),
            Some(_) => Err(BackendError::Denied("the token is not accepted".into())),
        };
        Box::pin(async { token })
    }
}

/// The sources of all who have the folder open: one whose thread has ended fails, and the next is asked.
#[derive(Default)]
pub(crate) struct TokenSources {
    all: Mutex<Vec<(u64, Arc<dyn TokenSource>)>>,
    next: AtomicU64,
}

impl TokenSources {
    /// Adds a source, which is asked after those that were there before; returns what it is taken out by.
    pub fn add(&self, source: Arc<dyn TokenSource>) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().push((id, source));
        id
    }

    pub fn remove(&self, id: u64) {
        self.lock().retain(|(other, _)| *other != id);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Arc<dyn TokenSource>)>> {
        self.all.lock().expect("nothing panics while it holds the sources")
    }
}

impl TokenSource for TokenSources {
    fn token(&self, rejected: Option<String>) -> BoxFuture<'_, Result<String, BackendError>> {
        Box::pin(async move {
            let sources: Vec<Arc<dyn TokenSource>> = self.lock().iter().map(|(_, source)| Arc::clone(source)).collect();
            let mut failed = BackendError::Denied("no token and no key is given".into());
            for source in sources {
                match source.token(rejected.clone()).await {
                    Ok(token) => return Ok(token),
                    Err(error) => failed = error,
                }
            }
            Err(failed)
        })
    }
}
