//! The log itself is forged or deleted while nobody has it open: it is damage, and nothing more is signed under its key.

use std::path::Path;

use rusqlite::{Connection, params};
use vouchsafe_backend::{BackendError, PinError};
use vouchsafe_ledger::{EMPTY_MAP_ROOT, Seal, leaf_hash};

use crate::support::{Opened, exchange};

/// A closed store of this many rows in one commit.
fn closed(dir: &Path, rows: usize) -> Connection {
    let opened = Opened::new(dir, None).unwrap();
    for n in 0..rows {
        opened.writer.record(exchange(&format!("agent {n}"), "body"));
    }
    opened.commit().unwrap();
    opened.close();
    Connection::open(dir.join("vouchsafe.db")).unwrap()
}

/// Opens it again, records, and finds that this is not signed; says why.
fn refused(dir: &Path) -> BackendError {
    let opened = Opened::new(dir, None).unwrap();
    let damage = opened.ledger.damage().expect("the damage is found on opening");
    opened.writer.record(exchange("agent", "one more"));
    opened.commit().unwrap_err();
    opened.close();
    damage
}

#[test]
fn a_seal_that_was_not_signed_is_damage_at_any_size() {
    // With the first seal and its own, 254 rows fill a tile, so that the last leaf is not on the log's right edge.
    for rows in [253, 254, 255] {
        let dir = tempfile::tempdir().unwrap();
        let database = closed(dir.path(), rows);
        let index = i64::try_from(rows).unwrap() + 1;
        let leaf: Vec<u8> =
            database.query_row("SELECT leaf FROM leaves WHERE leaf_index = ?1", [index], |row| row.get(0)).unwrap();
        let forged = Seal { map_root: EMPTY_MAP_ROOT, ..Seal::decode(&leaf).unwrap() }.encode();
        database.execute("UPDATE leaves SET leaf = ?2 WHERE leaf_index = ?1", params![index, forged]).unwrap();
        let (n, at) = (index / 256, usize::try_from(index % 256).unwrap() * 32);
        let mut tile: Vec<u8> =
            database.query_row("SELECT hashes FROM tiles WHERE level = 0 AND n = ?1", [n], |row| row.get(0)).unwrap();
        tile[at..at + 32].copy_from_slice(&leaf_hash(&forged));
        database.execute("UPDATE tiles SET hashes = ?2 WHERE level = 0 AND n = ?1", params![n, tile]).unwrap();
        database.execute("DELETE FROM map_pages", []).unwrap();
        drop(database);
        assert!(matches!(refused(dir.path()), BackendError::Corrupt(_)), "{rows} rows");
    }
}

#[test]
fn a_log_that_was_deleted_is_not_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let database = closed(dir.path(), 5);
    for table in ["commits", "leaves", "tiles", "map_pages"] {
        database.execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    database.execute("DELETE FROM intercepts WHERE row_seq = 4", []).unwrap();
    drop(database);
    assert!(matches!(refused(dir.path()), BackendError::Corrupt(_)));
}

#[test]
fn a_damaged_tile_is_no_fork_to_a_pin() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    opened.writer.record(exchange("agent", "first"));
    let pinned = opened.commit().unwrap();
    opened.close();
    let database = closed(dir.path(), 400);
    let mut tile: Vec<u8> =
        database.query_row("SELECT hashes FROM tiles WHERE level = 0 AND n = 0", [], |row| row.get(0)).unwrap();
    tile[0] ^= 1;
    database.execute("UPDATE tiles SET hashes = ?1 WHERE level = 0 AND n = 0", [tile]).unwrap();
    drop(database);
    let opened = Opened::new(dir.path(), None).unwrap();
    let reader = opened.database.reader().unwrap();
    let error = opened.ledger.pin(&reader, &pinned.note).unwrap_err();
    assert!(matches!(error, PinError::Log(BackendError::Corrupt(_))), "{error}");
    drop(reader);
    opened.close();
}
