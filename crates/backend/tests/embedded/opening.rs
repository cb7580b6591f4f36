//! Keys and origins: a log keeps the key that it began with.

use std::fs;

use vouchsafe_backend::{BackendError, EmbeddedOptions, Ledger};
use vouchsafe_core::query::Query;
use vouchsafe_ledger::VerifierKey;

use crate::support::{Opened, exchange, now_us};

fn refused(opened: Result<Opened, BackendError>) -> String {
    let error = opened.err().expect("it is refused");
    assert_eq!(error.code(), "KEY_UNUSABLE");
    error.to_string()
}

#[test]
fn a_new_store_has_a_signed_checkpoint_from_the_start_and_keeps_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    let vkey = opened.ledger.vkey();
    let at = opened.commit().unwrap();
    assert_eq!((at.checkpoint.size, at.rows), (1, 0));
    opened.close();
    let opened = Opened::new(dir.path(), None).unwrap();
    assert_eq!(opened.ledger.vkey(), vkey);
    opened.writer.record(exchange("agent", "42"));
    let at = opened.commit().unwrap();
    let (mut alone, seal) = opened.ask(Query::Agent { agent: "agent".into(), run: None }, &at).unwrap();
    (alone.checkpoint, alone.seal) = (Some(at.note.clone()), Some(seal));
    let checked = alone.open(&[VerifierKey::parse(&vkey).unwrap()]).unwrap();
    assert_eq!(checked.rows[0].fields.response.as_ref().unwrap().bytes, b"42");
    opened.close();
}

#[test]
fn an_old_log_never_gets_a_new_key() {
    let dir = tempfile::tempdir().unwrap();
    Opened::new(dir.path(), None).unwrap().close();
    fs::remove_file(dir.path().join("key")).unwrap();
    assert!(refused(Opened::new(dir.path(), None)).contains("a log keeps the key that it began with"));
    assert!(!dir.path().join("key").exists());
}

#[test]
fn a_key_that_cannot_be_read_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("key"), "not a key").unwrap();
    assert!(refused(Opened::new(dir.path(), None)).contains("holds no key"));
    assert_eq!(fs::read_to_string(dir.path().join("key")).unwrap(), "not a key");
}

#[test]
fn another_logs_key_signs_nothing() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Opened::new(dir.path(), None).unwrap().close();
    Opened::new(other.path(), None).unwrap().close();
    fs::copy(other.path().join("key"), dir.path().join("key")).unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    opened.writer.record(exchange("agent", "42"));
    assert!(opened.commit().unwrap_err().is_damage());
    opened.close();
}

#[test]
fn an_origin_belongs_to_the_key_from_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let database = vouchsafe_store::sqlite::Database::in_folder(dir.path());
    let mut connection = database.writer().unwrap();
    let options = |origin: Option<&str>| EmbeddedOptions {
        key_file: dir.path().join("key"),
        origin: origin.map(str::to_owned),
        pinned: false,
        now_us,
    };
    let vkey = Ledger::open(&mut connection, &options(Some("example.com/log"))).unwrap().vkey();
    assert!(vkey.starts_with("example.com/log+"));
    assert_eq!(Ledger::open(&mut connection, &options(None)).unwrap().vkey(), vkey);
    let error = Ledger::open(&mut connection, &options(Some("example.com/other"))).err().unwrap();
    assert_eq!(error.code(), "KEY_UNUSABLE");
}
