//! Several writers on one folder: one history.

use std::{path::Path, sync::Barrier};

use vouchsafe_backend::Backend;
use vouchsafe_core::query::Query;

use crate::support::{History, Opened, exchange, response};

#[test]
fn two_writers_in_turn_continue_each_others_log() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (Opened::new(dir.path(), None).unwrap(), Opened::new(dir.path(), None).unwrap());
    let mut history = History::default();
    for n in 0..10 {
        let one = if n % 2 == 0 { &a } else { &b };
        one.writer.record(exchange("agent", &response(n)));
        let at = one.commit().unwrap();
        assert_eq!(at.rows, n + 1, "each commit covers what the other wrote");
        history.rows.push(n);
        history.hand_out(&at);
        // The other one sees it without a commit of its own.
        let other = if n % 2 == 0 { &b } else { &a };
        let seen = other.runtime.block_on(other.backend.covering()).unwrap().unwrap();
        assert_eq!(seen.note, at.note);
    }
    a.close();
    b.close();
    history.check(dir.path(), 10).unwrap();
}

#[test]
fn writers_that_commit_at_the_same_time_sign_one_history() {
    let dir = tempfile::tempdir().unwrap();
    let start = Barrier::new(3);
    let checkpoints = std::thread::scope(|scope| {
        let (start, path) = (&start, dir.path());
        let threads = ["a", "b", "c"].map(|name| scope.spawn(move || write_and_prove(path, name, start)));
        threads.map(|thread| thread.join().unwrap()).concat()
    });
    let opened = Opened::new(dir.path(), None).unwrap();
    assert!(opened.ledger.damage().is_none());
    let at = opened.commit().unwrap();
    assert_eq!(at.rows, 45);
    for (size, root) in checkpoints {
        let proof = opened.runtime.block_on(opened.backend.consistency(size, &at)).unwrap();
        vouchsafe_ledger::verify_consistency(size, &root, at.checkpoint.size, &at.checkpoint.root, &proof).unwrap();
    }
    opened.close();
}

/// Opens the store when the others do (the first one makes tables, key and seal), and returns what it signed.
fn write_and_prove(path: &Path, name: &str, start: &Barrier) -> Vec<(u64, [u8; 32])> {
    start.wait();
    let opened = Opened::new(path, None).unwrap();
    let mut signed = Vec::new();
    for n in 0..15 {
        opened.writer.record(exchange(name, &response(n)));
        let at = opened.commit().unwrap();
        let (bundle, seal) = opened.ask(Query::Agent { agent: name.into(), run: None }, &at).unwrap();
        assert_eq!(bundle.rows.len() as u64, n + 1, "a commit covers the rows before it");
        bundle.check(&at.checkpoint, &seal).unwrap();
        signed.push((at.checkpoint.size, at.checkpoint.root));
    }
    opened.close();
    signed
}
