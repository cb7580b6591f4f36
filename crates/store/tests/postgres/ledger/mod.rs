//! A log in Postgres.

mod commits;
mod reading;

use crate::setup::{Database, own};
use tokio::sync::oneshot;
use uuid::Uuid;
use vouchsafe_core::{commitment::RowKey, exchange::Prepared, intercept::Intercept};
use vouchsafe_store::{
    StoreError,
    ledger::{CommitJob, LedgerRead, LedgerStore, LedgerWrite},
    postgres::PostgresLedger,
    sqlite::Commit,
};

const LOG: Uuid = Uuid::from_u128(7);

async fn open(database: &Database, log: Uuid) -> PostgresLedger {
    PostgresLedger::open(database.postgres(), log).await.unwrap()
}

struct Job<F> {
    work: F,
    done: oneshot::Sender<Result<(), StoreError>>,
}

impl<F: FnMut(&dyn LedgerWrite) -> Result<(), StoreError> + Send> CommitJob for Job<F> {
    fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError> {
        (self.work)(tx)
    }

    fn finish(self: Box<Self>, result: Result<(), StoreError>) {
        let _ = self.done.send(result);
    }
}

/// Commits by `work`, and waits for what the job is told at its end.
async fn commit(
    ledger: &PostgresLedger,
    work: impl FnMut(&dyn LedgerWrite) -> Result<(), StoreError> + Send + 'static,
) -> Result<(), StoreError> {
    let (done, told) = oneshot::channel();
    ledger.commit(0, Box::new(Job { work, done }));
    told.await.expect("a job is told how it ended")
}

/// Reads where waiting is allowed.
async fn read<T: Send + 'static>(
    ledger: &PostgresLedger,
    work: impl FnOnce(&dyn LedgerRead) -> Result<T, StoreError> + Send + 'static,
) -> T {
    let ledger = ledger.clone();
    tokio::task::spawn_blocking(move || work(&*ledger.hold()?)).await.unwrap().unwrap()
}

fn prepared(intercept: &Intercept) -> Prepared {
    intercept.prepare(RowKey([9; 32])).unwrap()
}

/// A commit that continues the newest one by these rows and a leaf for each; what a leaf is the store does not care.
fn append(tx: &dyn LedgerWrite, rows: &[Intercept]) -> Result<(), StoreError> {
    let newest = tx.newest_commit()?;
    let (size, first_row_seq) = newest.map_or((0, 0), |newest| (newest.size, newest.rows_covered()));
    let rows: Vec<_> = rows.iter().map(prepared).collect();
    let new = tx.insert_rows(&rows)?.into_iter().flatten().count() as u64;
    assert_eq!(tx.row_count()?, first_row_seq + new);
    for index in size..=size + new {
        tx.put_leaf(index, &index.to_be_bytes())?;
    }
    let size = size + new + 1;
    tx.put_commit(&Commit {
        size,
        first_index: size - new - 1,
        first_row_seq,
        rows: new,
        root: [u8::try_from(size % 256).unwrap(); 32],
        note: format!("note {size}"),
    })
}

fn rows(numbers: std::ops::Range<u64>) -> Vec<Intercept> {
    numbers.map(own).collect()
}
