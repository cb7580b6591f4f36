//! The writing thread: one synced transaction after the other.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use vouchsafe_core::{exchange::Prepared, prepare::prepare, row::Row};

use super::{Event, Shared, Watching, group::Group, inbox::gap, outbox::Next};
use crate::{
    StoreError,
    ledger::CommitJob,
    sqlite::{Interval, WriteConnection, WriteTx},
};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Retention looks again after this many transactions.
const PRUNE_EVERY: u32 = 1_000;

pub(super) fn run(connection: WriteConnection, shared: &Shared) {
    let left_behind = AtomicBool::new(true);
    // However this thread ends, whoever waits for it is told.
    let _end = Ending { shared, left_behind: &left_behind };
    left_behind.store(drain(connection, shared), Ordering::Relaxed);
}

struct Ending<'a> {
    shared: &'a Shared,
    left_behind: &'a AtomicBool,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.shared.outbox.end(self.left_behind.load(Ordering::Relaxed));
    }
}

/// Writes what comes until there is no more; true where something had to be left behind.
fn drain(mut connection: WriteConnection, shared: &Shared) -> bool {
    let mut group = Group::default();
    let mut watching: Watching = None;
    let mut pause = FIRST_PAUSE;
    let mut until_prune = 0;
    let left_behind = loop {
        match shared.outbox.next(&mut group, until_prune == 0) {
            Next::End => break false,
            Next::Watch(channels, done) => {
                let now = (shared.options.now_us)();
                let began = connection.begin_coverage(&Interval { since_us: now, until_us: now, channels });
                done(began.map(|coverage| watching = Some(coverage)));
            }
            Next::Prune => match connection.prune(&shared.options.retention, (shared.options.now_us)()) {
                Ok(true) => {}
                Ok(false) => until_prune = PRUNE_EVERY,
                Err(error) => {
                    until_prune = PRUNE_EVERY;
                    (shared.options.on_event)(Event::Failed(error));
                }
            },
            Next::Write(job) => match write(&mut connection, &group, watching, job, shared) {
                Ok(()) => {
                    pause = FIRST_PAUSE;
                    until_prune = until_prune.saturating_sub(1);
                    group = Group::default();
                }
                Err(error) => {
                    (shared.options.on_event)(Event::Failed(error.clone()));
                    if !shared.outbox.failed(&error, pause) {
                        break true;
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            },
        }
    };
    if let Some(coverage) = watching {
        let _ = connection.transaction(|tx| tx.extend_coverage(coverage, (shared.options.now_us)()));
    }
    let _ = connection.close();
    left_behind
}

fn write(
    connection: &mut WriteConnection,
    group: &Group,
    watching: Watching,
    mut job: Option<Box<dyn CommitJob>>,
    shared: &Shared,
) -> Result<(), StoreError> {
    let mut job_result = Ok(());
    let mut refused = 0;
    let written = connection.transaction(|tx| {
        refused = insert(tx, &group.rows, shared)?;
        for trace in &group.traces {
            tx.put_trace(trace)?;
        }
        if let Some(shipped) = group.shipped {
            tx.put_shipped(shipped)?;
        }
        if let Some(coverage) = watching {
            tx.extend_coverage(coverage, (shared.options.now_us)())?;
        }
        if let Some(job) = &mut job {
            job_result = tx.nested(|| job.run(tx));
            // Where the disk is full or broken for the ledger it is so for the rows: the whole group is tried again.
            if let Err(StoreError::Full(_) | StoreError::Io(_)) = &job_result {
                return job_result.clone();
            }
        }
        Ok(())
    });
    if let Some(job) = job {
        job.finish(written.clone().and(job_result));
    }
    written?;
    shared.inbox.release(group.rows.len() as u64, group.weight);
    shared.inbox.count_dropped(refused);
    let dirty = group.rows.iter().any(|row| !row.is_padding());
    if !group.rows.is_empty() {
        (shared.options.on_event)(Event::Durable { rows: group.rows.len() as u64, ticket: group.last_ticket, dirty });
    }
    shared.outbox.written(group);
    Ok(())
}

/// Appends the rows and, for those that `SQLite` will never take, one gap row. Returns how many those are.
fn insert(tx: &WriteTx<'_>, rows: &[Prepared], shared: &Shared) -> Result<u64, StoreError> {
    let written = tx.insert_rows(rows)?;
    let refused: Vec<&Row> =
        rows.iter().zip(written).filter(|(_, new)| new.is_none()).map(|(row, _)| &row.row).collect();
    let (Some(since), Some(until)) =
        (refused.iter().map(|row| row.started_us).min(), refused.iter().map(|row| row.ended_us).max())
    else {
        return Ok(0);
    };
    let count = refused.len() as u64;
    let latest = i64::MAX.unsigned_abs();
    let gap = gap(count, since.min(latest), until.min(latest));
    tx.insert_rows(&[prepare(gap, &shared.options.rules, shared.options.max_body_bytes)])?;
    Ok(count)
}
