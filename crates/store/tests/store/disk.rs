//! What a full or broken disk does to the queue.

use std::{sync::Arc, time::Duration};

use vouchsafe_store::{
    sqlite::Database,
    writer::{Event, Limits},
};

use crate::{
    faults::{Disk, Fault},
    setup::{LONG, Running, exchange, responses, start},
};

fn running(name: &str) -> (tempfile::TempDir, Arc<Disk>, Running) {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::install(name);
    let running = start(&Database::in_folder(dir.path()).with_vfs(disk.name()), Limits::default());
    (dir, disk, running)
}

fn rows_stay_queued_in_order(name: &str, fault: Fault, code: &str) {
    let (dir, disk, running) = running(name);
    running.writer.record(exchange("0"));
    running.flush().unwrap();
    disk.set_fault(fault);
    for n in 1..100 {
        running.writer.record(exchange(&n.to_string()));
        if n % 25 == 0 {
            assert_eq!(running.flush().unwrap_err().code(), code);
        }
    }
    assert!(running.events.iter().any(|event| matches!(event, Event::Failed(error) if error.code() == code)));
    assert_eq!(responses(dir.path()), ["0"], "nothing of a failed transaction is visible");
    disk.set_fault(Fault::None);
    running.flush().unwrap();
    assert!(running.writer.shutdown(LONG));
    assert_eq!(responses(dir.path()), (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_full_disk_keeps_rows_queued_and_writes_them_once_in_order() {
    rows_stay_queued_in_order("full", Fault::Full, "STORE_FULL");
}

#[test]
fn a_sync_that_fails_keeps_rows_queued_and_writes_them_once_in_order() {
    rows_stay_queued_in_order("sync", Fault::SyncFails, "STORE_IO");
}

#[test]
fn shutdown_on_a_full_disk_gives_up_at_its_deadline_and_says_so() {
    let (dir, disk, running) = running("shutdown-full");
    disk.set_fault(Fault::Full);
    running.writer.record(exchange("lost"));
    assert!(!running.writer.shutdown(Duration::from_millis(20)));
    assert!(!running.writer.shutdown(LONG), "and says so again");
    assert_eq!(running.flush().unwrap_err().to_string(), "the store failed: the engine was shut down");
    disk.set_fault(Fault::None);
    assert_eq!(responses(dir.path()), [""; 0]);
}

#[test]
fn shutdown_tries_once_more_however_long_the_pause_was_to_be() {
    let (dir, disk, running) = running("shutdown-again");
    disk.set_fault(Fault::Full);
    running.writer.record(exchange("kept"));
    for _ in 0..12 {
        // The pause between tries grows with each of these.
        running.flush().unwrap_err();
    }
    disk.set_fault(Fault::None);
    assert!(running.writer.shutdown(LONG));
    assert_eq!(responses(dir.path()), ["kept"]);
}
