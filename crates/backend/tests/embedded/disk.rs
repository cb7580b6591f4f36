//! The disk is full or broken: whoever waits is told why, and everything is written once it is well again.

use std::sync::Arc;

use crate::{
    faults::{Disk, Fault},
    support::{History, Opened, exchange, response},
};

fn opened(name: &str) -> (tempfile::TempDir, Arc<Disk>, Opened) {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::install(name);
    let opened = Opened::new(dir.path(), Some(disk.name())).unwrap();
    (dir, disk, opened)
}

fn a_failing_commit_is_told_why_and_the_next_one_covers_its_rows(name: &str, fault: Fault, code: &str) {
    let (dir, disk, opened) = opened(name);
    let mut history = History::default();
    history.hand_out(&opened.commit().unwrap());
    disk.set_fault(fault);
    for n in 0..150 {
        opened.writer.record(exchange("agent", &response(n)));
    }
    assert_eq!(opened.commit().unwrap_err().code(), code);
    assert_eq!(opened.flush().unwrap_err().code(), code);
    for n in 150..200 {
        opened.writer.record(exchange("agent", &response(n)));
    }
    assert_eq!(opened.commit().unwrap_err().code(), code);
    assert!(opened.ledger.damage().is_none(), "a disk that is full is not damaged");
    disk.set_fault(Fault::None);
    let at = opened.commit().unwrap();
    assert_eq!(at.rows, 200, "exactly once");
    history.hand_out(&at);
    history.rows.extend(0..200);
    opened.close();
    history.check(dir.path(), 200).unwrap();
}

#[test]
fn rows_and_commit_wait_for_space_on_a_full_disk() {
    a_failing_commit_is_told_why_and_the_next_one_covers_its_rows("commit-full", Fault::Full, "STORE_FULL");
}

#[test]
fn rows_and_commit_wait_for_a_disk_that_fails_to_sync() {
    a_failing_commit_is_told_why_and_the_next_one_covers_its_rows("commit-sync", Fault::SyncFails, "STORE_IO");
}

#[test]
fn rows_and_their_commit_share_one_sync() {
    let (_dir, disk, opened) = opened("one-sync");
    opened.writer.record(exchange("agent", "first"));
    opened.commit().unwrap();
    // The worker asks right after the rows were accepted, so that they are still on their way.
    let before = disk.wal_syncs();
    for n in 0..100 {
        opened.writer.record(exchange("agent", &response(n)));
    }
    let at = opened.commit().unwrap();
    assert_eq!(at.rows, 101);
    // What the writer took up before the job came is a group of its own, at most.
    assert!(disk.wal_syncs() - before <= 2, "{} syncs", disk.wal_syncs() - before);
    opened.close();
}

#[test]
fn a_store_without_new_rows_keeps_its_checkpoint() {
    let (_dir, _disk, opened) = opened("nothing-new");
    opened.writer.record(exchange("agent", "only"));
    let at = opened.commit().unwrap();
    assert_eq!(opened.commit().unwrap().note, at.note);
    opened.close();
}
