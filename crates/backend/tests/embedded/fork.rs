//! The store is replaced by another history while a process has it open: nothing more is signed.

use std::path::Path;

use rusqlite::Connection;
use vouchsafe_backend::{Backend, BackendError, EmbeddedOptions, Ledger, PinError};
use vouchsafe_store::sqlite::Database;

use crate::support::{Opened, exchange, now_us};

const TABLES: [&str; 7] = ["commits", "leaves", "tiles", "map_pages", "row_keys", "intercepts", "coverage"];

fn back_up(dir: &Path, to: &Path) {
    let connection = Connection::open(dir.join("vouchsafe.db")).unwrap();
    connection.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

fn restore(dir: &Path, from: &Path) {
    let mut connection = Connection::open(dir.join("vouchsafe.db")).unwrap();
    connection.execute("ATTACH ?1 AS old", [from.to_str().unwrap()]).unwrap();
    let tx = connection.transaction().unwrap();
    for table in TABLES {
        tx.execute_batch(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM old.{table}")).unwrap();
    }
    tx.commit().unwrap();
}

fn with_a_restored_backup(test: impl FnOnce(&Path, &Opened)) {
    let dir = tempfile::tempdir().unwrap();
    let backup = dir.path().join("backup");
    let opened = Opened::new(dir.path(), None).unwrap();
    opened.writer.record(exchange("agent", "before the backup"));
    opened.commit().unwrap();
    back_up(dir.path(), &backup);
    opened.writer.record(exchange("agent", "after the backup"));
    opened.commit().unwrap();
    restore(dir.path(), &backup);
    test(dir.path(), &opened);
    assert!(matches!(opened.ledger.damage(), Some(BackendError::Forked(_))), "and that is remembered");
    assert_eq!(opened.commit().unwrap_err().code(), "STORE_FORKED");
    opened.close();
}

#[test]
fn a_restored_backup_is_a_fork_to_the_next_commit() {
    with_a_restored_backup(|_, opened| {
        opened.writer.record(exchange("agent", "on top of it"));
        let error = opened.commit().unwrap_err();
        assert_eq!(error.code(), "STORE_FORKED");
        assert!(error.is_damage());
        opened.flush().expect("rows are still recorded");
    });
}

#[test]
fn a_restored_backup_is_a_fork_to_a_reader_that_asks_for_the_newest_state() {
    with_a_restored_backup(|_, opened| {
        let error = opened.runtime.block_on(opened.backend.covering()).unwrap_err();
        assert_eq!(error.code(), "STORE_FORKED");
    });
}

#[test]
fn a_restored_backup_that_has_grown_beyond_the_lost_history_is_a_fork() {
    with_a_restored_backup(|dir, opened| {
        // Whoever opens a backup cannot know that there was more.
        let other = Opened::new(dir, None).unwrap();
        for _ in 0..5 {
            other.writer.record(exchange("other", "another history"));
            other.commit().unwrap();
        }
        other.close();
        let error = opened.runtime.block_on(opened.backend.covering()).unwrap_err();
        assert_eq!(error.code(), "STORE_FORKED");
        opened.writer.record(exchange("agent", "on top of it"));
        assert_eq!(opened.commit().unwrap_err().code(), "STORE_FORKED");
    });
}

fn pin(opened: &Opened, note: &str) -> Result<(), PinError> {
    let reader = opened.database.reader().unwrap();
    opened.ledger.pin(&reader, note)
}

#[test]
fn what_another_process_committed_is_pinned_and_its_loss_is_a_fork_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    opened.writer.record(exchange("agent", "before the backup"));
    opened.commit().unwrap();
    let backup = dir.path().join("backup");
    back_up(dir.path(), &backup);
    let other = Opened::new(dir.path(), None).unwrap();
    other.writer.record(exchange("agent", "of the other process"));
    let theirs = other.commit().unwrap();
    other.close();
    pin(&opened, &theirs.note).unwrap();
    // This process has not seen that commit, so that without the pin the backup would do.
    restore(dir.path(), &backup);
    opened.writer.record(exchange("agent", "on top of the backup"));
    assert_eq!(opened.commit().unwrap_err().code(), "STORE_FORKED");
    opened.close();
}

#[test]
fn what_this_key_did_not_sign_is_no_checkpoint_to_pin() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    let at = opened.commit().unwrap();
    pin(&opened, &at.note).unwrap();
    for note in ["", "no note", &at.note.replacen(&format!("\n{}\n", at.checkpoint.size), "\n9\n", 1)] {
        assert!(matches!(pin(&opened, note), Err(PinError::NotOurs(_))), "{note}");
    }
    assert!(opened.ledger.damage().is_none());
    opened.close();
}

#[test]
fn an_empty_log_beside_a_pin_is_not_begun() {
    let dir = tempfile::tempdir().unwrap();
    let mut connection = Database::in_folder(dir.path()).writer().unwrap();
    let key_file = dir.path().join("key");
    let mut open = |pinned| {
        Ledger::open(&mut connection, &EmbeddedOptions { key_file: key_file.clone(), origin: None, pinned, now_us })
    };
    assert!(matches!(open(true).unwrap().damage(), Some(BackendError::Forked(_))));
    assert!(open(false).unwrap().damage().is_none(), "nothing was signed before");
}
