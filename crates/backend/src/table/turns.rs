//! Commits that are asked for at the same time: at most one runs, and at most one waits.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use crate::{At, BackendError};

type Outcome = Result<Arc<At>, BackendError>;

/// Who commits, and who waits for the next commit.
#[derive(Default)]
pub(super) struct Turns {
    running: tokio::sync::Mutex<()>,
    /// The commit that has not begun, which covers whatever is visible by then.
    waiting: Mutex<Option<Shared<BoxFuture<'static, Outcome>>>>,
}

impl Turns {
    /// Joins the commit that has not begun yet, or plans one. It runs to its end whoever still waits for it.
    pub async fn join<F>(self: &Arc<Self>, commit: impl FnOnce() -> F + Send + 'static) -> Outcome
    where
        F: Future<Output = Outcome> + Send,
    {
        let waiting = self.waiting().get_or_insert_with(|| self.plan(commit)).clone();
        waiting.await
    }

    fn plan<F>(self: &Arc<Self>, commit: impl FnOnce() -> F + Send + 'static) -> Shared<BoxFuture<'static, Outcome>>
    where
        F: Future<Output = Outcome> + Send,
    {
        let this = Arc::clone(self);
        let run = tokio::spawn(async move {
            let _turn = this.running.lock().await;
            // Whoever comes from now on may bring rows that this commit does not see.
            this.waiting().take();
            commit().await
        });
        let ended = |error| Err(BackendError::Corrupt(format!("the commit ended without an answer: {error}")));
        run.map(move |ran| ran.unwrap_or_else(ended)).boxed().shared()
    }

    /// Waits until nothing runs; nothing does until the guard is dropped.
    pub async fn take(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.running.lock().await
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Shared<BoxFuture<'static, Outcome>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::sync::Semaphore;
    use vouchsafe_ledger::Checkpoint;

    use super::*;

    /// A commit that says which one it is, once it is let through.
    async fn commit(begun: Arc<AtomicU64>, gate: Arc<Semaphore>) -> Outcome {
        let rows = begun.fetch_add(1, Ordering::Relaxed);
        gate.acquire().await.expect("it is open").forget();
        Ok(Arc::new(At::new(Checkpoint { origin: String::new(), size: 0, root: [0; 32] }, String::new(), rows)))
    }

    #[tokio::test]
    async fn of_calls_at_the_same_time_one_commit_runs_and_one_waits_for_all_the_others() {
        let (turns, begun, gate) = (Arc::<Turns>::default(), Arc::default(), Arc::new(Semaphore::new(0)));
        let join = || {
            let (begun, gate) = (Arc::clone(&begun), Arc::clone(&gate));
            Box::pin(turns.join(|| commit(begun, gate)))
        };
        let mut first = join();
        while begun.load(Ordering::Relaxed) == 0 {
            assert!((&mut first).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        let mut others: Vec<_> = (0..20).map(|_| join()).collect();
        for other in &mut others {
            assert!(other.now_or_never().is_none());
        }
        // One that gives up stops nobody.
        drop(others.remove(0));
        gate.add_permits(9);
        assert_eq!(first.await.unwrap().rows, 0);
        for other in others {
            assert_eq!(other.await.unwrap().rows, 1);
        }
        assert_eq!(begun.load(Ordering::Relaxed), 2);
        assert_eq!(join().await.unwrap().rows, 2, "and then there is another");
    }
}
