//! Folders and databases that are not ours.

use std::{fs, path::Path};

use rusqlite::Connection;
use vouchsafe_store::{StoreError, dir, sqlite::Database};

use crate::{
    faults::{Disk, Fault},
    setup::{exchange, responses, start},
};

fn changed(sql: &str) -> StoreError {
    let dir = tempfile::tempdir().unwrap();
    Database::in_folder(dir.path()).writer().unwrap().close().unwrap();
    Connection::open(dir.path().join("vouchsafe.db")).unwrap().execute_batch(sql).unwrap();
    Database::in_folder(dir.path()).writer().unwrap_err()
}

#[test]
fn a_folder_is_made_private_and_hidden_from_git() {
    let parent = tempfile::tempdir().unwrap();
    let made = dir::prepare(&parent.path().join("a/b/store")).unwrap();
    assert_eq!(fs::read_to_string(made.join(".gitignore")).unwrap(), "*\n");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&made.metadata().unwrap().permissions()) & 0o777, 0o700);
    assert_eq!(dir::prepare(&parent.path().join("a/../a/b/store")).unwrap(), made, "one real path");
}

#[test]
fn a_file_in_place_of_the_folder_is_said_to_be_one() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "text").unwrap();
    assert_eq!(dir::prepare(&file).unwrap_err().code(), "STORE_NOT_A_FOLDER");
    assert_eq!(dir::prepare(&file.join("below")).unwrap_err().code(), "STORE_NOT_A_FOLDER");
}

#[test]
fn a_secret_is_there_whole_or_not_at_all_and_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    dir::write_secret(&path, "first").unwrap();
    assert_eq!(dir::write_secret(&path, "second").unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777, 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn a_store_of_another_format_is_refused_with_both_formats() {
    let error = changed("UPDATE meta SET value = '7'");
    assert_eq!(error.code(), "STORE_VERSION");
    assert!(error.to_string().starts_with("the store has format 7, this version reads format 1: "), "{error}");
    assert_eq!(changed("PRAGMA user_version = 99").code(), "STORE_VERSION");
    assert_eq!(changed("DELETE FROM meta").code(), "STORE_CORRUPT");
}

#[test]
fn a_store_without_a_map_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    Database::in_folder(dir.path()).writer().unwrap().close().unwrap();
    let path = dir.path().join("vouchsafe.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("UPDATE meta SET value = '0'; DROP TABLE map_pages; VACUUM").unwrap();
    connection.close().unwrap();
    let before = fs::read(&path).unwrap();
    let error = Database::in_folder(dir.path()).writer().unwrap_err();
    assert_eq!(error.code(), "STORE_VERSION");
    assert_eq!(
        error.to_string(),
        "the store has format 0, this version reads format 1: use the version that made it, or move the folder away to begin a new one"
    );
    assert!(fs::read(&path).unwrap() == before, "no byte of it has changed");
}

#[test]
fn a_file_that_is_no_database_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("vouchsafe.db"), "this is not a database, but it is long enough to look".repeat(100))
        .unwrap();
    assert_eq!(Database::in_folder(dir.path()).writer().unwrap_err().code(), "STORE_CORRUPT");
}

#[test]
fn a_folder_in_place_of_the_database_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("vouchsafe.db")).unwrap();
    let error = Database::in_folder(dir.path()).writer().unwrap_err();
    assert_eq!(error.code(), "STORE_READ_ONLY");
    assert!(error.to_string().contains("vouchsafe.db"), "{error}");
}

#[test]
fn a_disk_that_is_full_from_the_start_is_said_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::install("full-from-the-start");
    disk.set_fault(Fault::Full);
    let database = Database::in_folder(dir.path()).with_vfs(disk.name());
    assert_eq!(database.writer().unwrap_err().code(), "STORE_FULL");
    disk.set_fault(Fault::None);
    database.writer().unwrap();
}

#[test]
fn file_system_errors_have_the_codes_of_their_causes() {
    use std::io::ErrorKind;
    let code = |kind: ErrorKind| StoreError::at(Path::new("store"), &kind.into()).code();
    assert_eq!(code(ErrorKind::PermissionDenied), "STORE_READ_ONLY");
    assert_eq!(code(ErrorKind::ReadOnlyFilesystem), "STORE_READ_ONLY");
    assert_eq!(code(ErrorKind::StorageFull), "STORE_FULL");
    assert_eq!(code(ErrorKind::QuotaExceeded), "STORE_FULL");
    assert_eq!(code(ErrorKind::NotADirectory), "STORE_NOT_A_FOLDER");
    assert_eq!(code(ErrorKind::TimedOut), "STORE_IO");
}

#[test]
fn sqlite_errors_have_the_codes_of_their_causes() {
    use rusqlite::ffi;
    let code = |code| StoreError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)).code();
    assert_eq!(code(ffi::SQLITE_FULL), "STORE_FULL");
    assert_eq!(code(ffi::SQLITE_READONLY), "STORE_READ_ONLY");
    assert_eq!(code(ffi::SQLITE_CANTOPEN), "STORE_READ_ONLY");
    assert_eq!(code(ffi::SQLITE_BUSY), "STORE_LOCKED");
    assert_eq!(code(ffi::SQLITE_PROTOCOL), "STORE_LOCKED");
    assert_eq!(code(ffi::SQLITE_CORRUPT), "STORE_CORRUPT");
    assert_eq!(code(ffi::SQLITE_NOTADB), "STORE_CORRUPT");
    assert_eq!(code(ffi::SQLITE_IOERR_FSYNC), "STORE_IO");
}

#[test]
fn processes_that_make_the_store_at_the_same_moment_share_it() {
    for _ in 0..10 {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for n in 0..4 {
                let database = Database::in_folder(dir.path());
                scope.spawn(move || {
                    let running = start(&database, vouchsafe_store::writer::Limits::default());
                    running.writer.record(exchange(&n.to_string()));
                    running.flush().unwrap();
                });
            }
        });
        assert_eq!(responses(dir.path()).len(), 4);
    }
}
