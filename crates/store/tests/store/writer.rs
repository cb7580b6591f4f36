//! Order, groups, limits, gaps, the end.

use std::sync::mpsc::{Sender, channel};

use vouchsafe_core::{exchange::Exchange, prepare::prepare, redact::RedactionRules, row::Kind};
use vouchsafe_store::{
    StoreError,
    ledger::{CommitJob, LedgerWrite},
    sqlite::Database,
    writer::{Event, Limits},
};

use crate::{
    faults::Disk,
    setup::{LONG, exchange, now_us, responses, rows, start},
};

/// A job that says how many rows its transaction sees.
struct Counting(Sender<Result<u64, StoreError>>, Result<u64, StoreError>);

impl CommitJob for Counting {
    fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError> {
        self.1 = tx.row_count();
        Ok(())
    }

    fn finish(self: Box<Self>, result: Result<(), StoreError>) {
        self.0.send(result.and(self.1)).unwrap();
    }
}

#[test]
fn rows_are_numbered_in_the_order_of_their_tickets() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits::default());
    for n in 1..=3_000 {
        assert_eq!(running.writer.record(exchange(&n.to_string())), n);
    }
    running.flush().unwrap();
    assert_eq!(responses(dir.path()), (1..=3_000).map(|n| n.to_string()).collect::<Vec<_>>());
    for event in running.events.try_iter() {
        assert!(matches!(event, Event::Durable { rows: 1..=1_000, dirty: true, .. }), "{event:?}");
    }
}

#[test]
fn what_queues_while_a_group_is_written_is_one_transaction_with_the_job_that_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::install("groups");
    let running = start(&Database::in_folder(dir.path()).with_vfs(disk.name()), Limits::default());
    let held = running.gate.lock().unwrap();
    running.writer.record(exchange("first"));
    assert!(matches!(running.events.recv_timeout(LONG), Ok(Event::Durable { rows: 1, .. })));
    let before = disk.wal_syncs();
    for n in 0..500 {
        running.writer.record(exchange(&n.to_string()));
    }
    let (done, counted) = channel();
    running.writer.commit(running.writer.last_ticket(), Box::new(Counting(done, Ok(0))));
    drop(held);
    assert_eq!(counted.recv_timeout(LONG).unwrap().unwrap(), 501);
    assert_eq!(disk.wal_syncs() - before, 1);
}

#[test]
fn a_job_that_fails_leaves_the_rows_of_its_transaction() {
    struct Failing(Sender<Result<(), StoreError>>);
    impl CommitJob for Failing {
        fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError> {
            tx.put_leaf(0, b"half done")?;
            let row = prepare(exchange("of the job"), &RedactionRules::default(), 1 << 20);
            assert_eq!(tx.insert_rows(&[row])?[0].unwrap().row_seq, 1);
            Err(StoreError::Corrupt("for a reason".into()))
        }
        fn finish(self: Box<Self>, result: Result<(), StoreError>) {
            self.0.send(result).unwrap();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let database = Database::in_folder(dir.path());
    let running = start(&database, Limits::default());
    let ticket = running.writer.record(exchange("kept"));
    let (done, failed) = channel();
    running.writer.commit(ticket, Box::new(Failing(done)));
    assert_eq!(failed.recv_timeout(LONG).unwrap().unwrap_err().code(), "STORE_CORRUPT");
    running.flush().unwrap();
    assert_eq!(responses(dir.path()), ["kept"]);
    assert_eq!(database.reader().unwrap().leaf(0).unwrap(), None);
    let (done, listed) = channel();
    running.writer.commit(ticket, Box::new(Listing(done, Vec::new())));
    assert_eq!(listed.recv_timeout(LONG).unwrap(), [0], "the row of the job is not remembered either");
}

/// A job that says which rows its transaction hands over.
struct Listing(Sender<Vec<u64>>, Vec<u64>);

impl CommitJob for Listing {
    fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError> {
        tx.rows_from(0, &mut |row| {
            self.1.push(row.row_seq);
            Ok(())
        })
    }

    fn finish(self: Box<Self>, result: Result<(), StoreError>) {
        result.unwrap();
        self.0.send(self.1).unwrap();
    }
}

#[test]
fn above_its_limits_the_queue_lets_bodies_go_and_then_exchanges_with_one_gap_row() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits { exchanges: 4, bytes: u64::MAX / 8 });
    let held = running.gate.lock().unwrap();
    running.writer.record(exchange("first"));
    assert!(matches!(running.events.recv_timeout(LONG), Ok(Event::Durable { .. })));
    for n in 0..23 {
        running.writer.record(exchange(&n.to_string()));
    }
    assert_eq!(running.writer.dropped(), 7);
    assert!(matches!(running.events.try_recv(), Ok(Event::BodiesLetGo)));
    assert!(matches!(running.events.try_recv(), Ok(Event::Dropped)));
    assert!(running.events.try_recv().is_err(), "each is said once");
    drop(held);
    // Nobody asks for it: the gap row comes as soon as there is room.
    let mut durable = 0;
    while durable < 17 {
        if let Event::Durable { rows, .. } = running.events.recv_timeout(LONG).expect("the gap row comes by itself") {
            durable += rows;
        }
    }
    let rows = rows(dir.path());
    let of = |kind| rows.iter().filter(move |row| row.row.kind == kind);
    assert_eq!(of(Kind::Http).filter(|row| !row.row.truncated).count(), 1 + 4);
    assert_eq!(of(Kind::Http).filter(|row| row.row.truncated).count(), 12);
    let gap = rows.last().unwrap();
    assert_eq!((of(Kind::Gap).count(), gap.row.error.as_deref()), (1, Some("dropped 7")));
    assert_eq!((gap.row.agent_id.as_str(), gap.row.action_name.as_str()), ("_default", ""));
    assert_eq!((gap.row.started_us, gap.row.ended_us), (now_us() - 2, now_us() - 1));
    assert_eq!(Database::in_folder(dir.path()).reader().unwrap().gaps_since(now_us() - 1).unwrap(), 1);
}

#[test]
fn whoever_waits_for_the_last_ticket_waits_for_the_gap_row_too() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits { exchanges: 1, bytes: u64::MAX / 8 });
    let held = running.gate.lock().unwrap();
    running.writer.record(exchange("first"));
    assert!(matches!(running.events.recv_timeout(LONG), Ok(Event::Durable { .. })));
    for _ in 0..9 {
        running.writer.record(exchange("more"));
    }
    let (done, durable) = channel();
    running.writer.when_durable(running.writer.last_ticket(), move |result| done.send(result).unwrap());
    drop(held);
    durable.recv_timeout(LONG).unwrap().unwrap();
    assert_eq!(rows(dir.path()).last().unwrap().row.error.as_deref(), Some("dropped 5"));
}

#[test]
fn what_a_body_weighs_is_what_is_kept_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits { exchanges: 1_000, bytes: 100_000 });
    let held = running.gate.lock().unwrap();
    running.writer.record(exchange("first"));
    assert!(matches!(running.events.recv_timeout(LONG), Ok(Event::Durable { .. })));
    let large = "x".repeat(500_000);
    running.writer.record(Exchange { keep_bodies: false, ..exchange(&large) });
    drop(held);
    running.flush().unwrap();
    assert!(!running.events.try_iter().any(|event| matches!(event, Event::Dropped)));
    running.writer.record(exchange("small"));
    running.flush().unwrap();
    assert_eq!(responses(dir.path()), ["first", "small"]);
    assert!(rows(dir.path()).iter().all(|row| !row.row.truncated));
}

#[test]
fn a_row_that_the_database_can_never_take_becomes_a_gap_and_holds_up_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits::default());
    let id = Some("01890000-0000-7000-8000-000000000001".to_owned());
    running.writer.record(Exchange { id: id.clone(), ..exchange("original") });
    running.writer.record(Exchange { id, ..exchange("same id") });
    running.writer.record(Exchange { ended_us: u64::MAX, ..exchange("at the end of time") });
    running.writer.record(exchange("after them"));
    running.flush().unwrap();
    let stored = responses(dir.path());
    assert_eq!(stored, ["original", "after them"]);
    assert_eq!(running.writer.dropped(), 2);
    let dropped: u64 = rows(dir.path())
        .iter()
        .filter(|row| row.row.kind == Kind::Gap)
        .map(|row| row.row.error.as_ref().unwrap().trim_start_matches("dropped ").parse::<u64>().unwrap())
        .sum();
    assert_eq!(dropped, 2);
}

#[test]
fn shutdown_writes_what_is_queued_and_is_idempotent() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits::default());
    for n in 0..2_000 {
        running.writer.record(exchange(&n.to_string()));
    }
    assert!(running.writer.shutdown(LONG));
    assert!(running.writer.shutdown(LONG));
    assert!(!dir.path().join("vouchsafe.db-wal").exists(), "the write-ahead log is copied back");
    assert_eq!(responses(dir.path()).len(), 2_000);
    running.writer.record(exchange("too late"));
    assert_eq!(running.writer.dropped(), 1);
}

#[test]
fn after_shutdown_whoever_asks_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits::default());
    running.writer.shutdown(LONG);
    let (done, told) = channel();
    let (watching, counting) = (done.clone(), done.clone());
    running.writer.when_durable(7, move |result| done.send(result.is_err()).unwrap());
    running.writer.watch(vec!["http".into()], move |result| watching.send(result.is_err()).unwrap());
    let (job, counted) = channel();
    running.writer.commit(7, Box::new(Counting(job, Ok(0))));
    counting.send(counted.recv_timeout(LONG).unwrap().is_err()).unwrap();
    for _ in 0..3 {
        assert_eq!(told.recv_timeout(LONG), Ok(true));
    }
}

#[test]
fn a_job_that_panics_ends_the_writer_and_leaves_nobody_waiting() {
    struct Panicking;
    impl CommitJob for Panicking {
        fn run(&mut self, _: &dyn LedgerWrite) -> Result<(), StoreError> {
            panic!("on purpose");
        }
        fn finish(self: Box<Self>, _: Result<(), StoreError>) {}
    }
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits::default());
    running.writer.commit(0, Box::new(Panicking));
    running.writer.record(exchange("unlucky"));
    running.flush().unwrap_err();
    assert!(!running.writer.shutdown(LONG));
}

#[test]
fn coverage_grows_with_every_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::in_folder(dir.path());
    let running = start(&database, Limits::default());
    let (done, watching) = channel();
    running.writer.watch(vec!["undici".into(), "http".into()], move |result| done.send(result).unwrap());
    watching.recv_timeout(LONG).unwrap().unwrap();
    running.writer.record(exchange("seen"));
    running.flush().unwrap();
    let coverage = database.reader().unwrap().coverage_since(0).unwrap();
    assert_eq!(coverage.len(), 1);
    assert_eq!((coverage[0].since_us, coverage[0].until_us), (now_us(), now_us()));
    assert_eq!(coverage[0].channels, ["undici", "http"]);
}

#[test]
fn threads_that_record_at_once_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(&Database::in_folder(dir.path()), Limits::default()).writer;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..500 {
                    running.record(exchange(&n.to_string()));
                }
            });
        }
    });
    assert!(running.shutdown(LONG));
    assert_eq!(responses(dir.path()).len(), 2_000);
}
