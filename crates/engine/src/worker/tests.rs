//! The worker under a clock that stands still until everybody waits, and a commit that is told what to do.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::{
    task::JoinSet,
    time::{advance, sleep},
};
use vouchsafe_ledger::Checkpoint;
use vouchsafe_store::StoreError;

use super::*;

const DEBOUNCE: Duration = Duration::from_millis(50);

#[derive(Default)]
struct Commits {
    accepted: AtomicU64,
    made: Mutex<Vec<(Instant, u64)>>,
    running: AtomicUsize,
    most_running: AtomicUsize,
    failing: AtomicUsize,
}

impl Commits {
    fn count(&self) -> usize {
        self.made.lock().unwrap().len()
    }
}

fn at() -> Arc<At> {
    let checkpoint = Checkpoint { origin: "test".into(), size: 1, root: [0; 32] };
    Arc::new(At::new(checkpoint, String::new(), 0))
}

/// A worker whose commits take `took`.
fn worker(took: Duration) -> (Arc<Commits>, Worker, Arc<Counters>) {
    let commits = Arc::new(Commits::default());
    let (accepted, committing) = (Arc::clone(&commits), Arc::clone(&commits));
    let source = Source {
        accepted: Box::new(move || accepted.accepted.load(Ordering::SeqCst)),
        commit: Box::new(move |upto| {
            let commits = Arc::clone(&committing);
            Box::pin(async move {
                let running = commits.running.fetch_add(1, Ordering::SeqCst) + 1;
                commits.most_running.fetch_max(running, Ordering::SeqCst);
                sleep(took).await;
                commits.running.fetch_sub(1, Ordering::SeqCst);
                commits.made.lock().unwrap().push((Instant::now(), upto.ticket));
                let fail = |left: usize| left.checked_sub(1);
                match commits.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fail) {
                    Ok(_) => Err(StoreError::Full("injected".into()).into()),
                    Err(_) => Ok(at()),
                }
            })
        }),
    };
    let counters = Arc::new(Counters::default());
    let worker = Worker::new(source, DEBOUNCE, Arc::clone(&counters), Handle::current());
    (commits, worker, counters)
}

fn accept(commits: &Commits, worker: &Worker) -> u64 {
    let ticket = commits.accepted.fetch_add(1, Ordering::SeqCst) + 1;
    worker.mark_dirty(ticket);
    ticket
}

#[tokio::test(start_paused = true)]
async fn ten_rows_in_one_window_are_one_commit_at_its_end() {
    let (commits, worker, counters) = worker(Duration::ZERO);
    let began = Instant::now();
    for _ in 0..10 {
        accept(&commits, &worker);
        sleep(Duration::from_millis(2)).await;
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(commits.made.lock().unwrap().as_slice(), [(began + DEBOUNCE, 10)]);
    assert_eq!(counters.preprocess_runs.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_window_never_moves_so_that_traffic_cannot_starve_it() {
    let (commits, worker, _) = worker(Duration::ZERO);
    for _ in 0..100 {
        accept(&commits, &worker);
        sleep(Duration::from_millis(10)).await;
    }
    // One second of rows closer together than the window: a commit each 50 to 60 ms, as a new window opens with the
    // first row after a commit.
    assert!((16..=20).contains(&commits.count()), "{} commits", commits.count());
}

#[tokio::test(start_paused = true)]
async fn a_fence_commits_at_once_and_covers_what_was_accepted_before_it() {
    let (commits, worker, _) = worker(Duration::from_millis(3));
    let ticket = accept(&commits, &worker);
    let began = Instant::now();
    worker.fence(ticket).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_millis(3));
    assert_eq!((commits.count(), worker.committed_ticket()), (1, 1));
    advance(Duration::from_secs(1)).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(commits.count(), 1, "the window that the row had opened is closed with it");
}

#[tokio::test(start_paused = true)]
async fn fences_during_a_commit_share_the_next_one() {
    let (commits, worker, _) = worker(Duration::from_millis(100));
    let worker = Arc::new(worker);
    let mut fences = JoinSet::new();
    for _ in 0..20 {
        let ticket = accept(&commits, &worker);
        let worker = Arc::clone(&worker);
        fences.spawn(async move { worker.fence(ticket).await.map(|_| ()) });
        sleep(Duration::from_millis(5)).await;
    }
    while let Some(fence) = fences.join_next().await {
        fence.unwrap().unwrap();
    }
    assert_eq!(commits.most_running.load(Ordering::SeqCst), 1);
    assert_eq!(commits.count(), 2, "one under way when they came, one for all of them");
}

#[tokio::test(start_paused = true)]
async fn a_failed_commit_fails_its_fences_and_is_tried_again_with_growing_pauses() {
    let (commits, worker, counters) = worker(Duration::ZERO);
    commits.failing.store(3, Ordering::SeqCst);
    let ticket = accept(&commits, &worker);
    let error = worker.fence(ticket).await.unwrap_err();
    assert_eq!(error.code(), "STORE_FULL");
    assert_eq!(worker.committed_ticket(), 0);
    let began = Instant::now();
    while worker.committed_ticket() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    let pauses: u128 = began.elapsed().as_millis();
    assert!((700..=710).contains(&pauses), "100 + 200 + 400 ms, not {pauses}");
    assert_eq!(commits.count(), 4);
    assert_eq!(counters.retries.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_fence_does_not_wait_for_the_pause_after_a_failure() {
    let (commits, worker, _) = worker(Duration::ZERO);
    commits.failing.store(1, Ordering::SeqCst);
    let ticket = accept(&commits, &worker);
    worker.fence(ticket).await.unwrap_err();
    let began = Instant::now();
    worker.fence(ticket).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn rows_that_a_commit_already_covers_open_no_window() {
    let (commits, worker, _) = worker(Duration::ZERO);
    let ticket = accept(&commits, &worker);
    worker.fence(ticket).await.unwrap();
    worker.mark_dirty(ticket);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(commits.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn ending_fails_the_fences_that_wait_and_those_that_come() {
    let (commits, worker, _) = worker(Duration::from_hours(1));
    let worker = Arc::new(worker);
    let ticket = accept(&commits, &worker);
    let other = Arc::clone(&worker);
    let running = tokio::spawn(async move { other.fence(ticket).await });
    sleep(Duration::from_millis(1)).await;
    let other = Arc::clone(&worker);
    let waiting = tokio::spawn(async move { other.fence(ticket).await });
    sleep(Duration::from_millis(1)).await;
    worker.end();
    assert!(waiting.await.unwrap().is_err());
    assert!(worker.fence(ticket).await.is_err());
    running.abort();
}
