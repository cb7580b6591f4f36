//! Somebody writes to the tables: a changed row is a bundle that does not check, all else is damage, nothing passes.

use std::{path::Path, sync::Arc};

use rusqlite::Connection;
use tempfile::TempDir;
use vouchsafe_backend::{At, Backend, BackendError};
use vouchsafe_core::query::Query;
use vouchsafe_ledger::BundleError;

use crate::support::{Opened, exchange};

/// What comes of asking a store that was tampered with.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Valid,
    Mismatch,
    Damage,
    NotFound,
}

/// A store of 600 rows, so that there is more than one tile and level, with the state of its log.
fn store() -> (TempDir, Opened, Arc<At>) {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    for n in 0..300 {
        opened.writer.record(exchange(&format!("agent {n}"), &format!("price {n}")));
    }
    opened.commit().unwrap();
    for n in 300..600 {
        opened.writer.record(exchange(&format!("agent {n}"), &format!("price {n}")));
    }
    let at = opened.commit().unwrap();
    (dir, opened, at)
}

/// Asks for row 299, as long as the store still says that it is sound.
fn ask(opened: &Opened, at: &Arc<At>) -> Outcome {
    let answer = opened.ask(Query::Agent { agent: "agent 299".into(), run: None }, at);
    match answer {
        Ok((bundle, _)) if bundle.rows.is_empty() => Outcome::NotFound,
        Ok((bundle, seal)) => match bundle.check(&at.checkpoint, &seal) {
            Ok(_) => Outcome::Valid,
            Err(BundleError::Mismatch(_)) => Outcome::Mismatch,
            Err(other) => panic!("{other}"),
        },
        Err(error) if error.is_damage() => Outcome::Damage,
        Err(other) => panic!("{other}"),
    }
}

fn sql(dir: &Path, sql: &str) {
    let connection = Connection::open(dir.join("vouchsafe.db")).unwrap();
    assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
}

/// Changes one byte of a blob, the length stays.
fn flip(dir: &Path, table: &str, column: &str, which: &str, at: usize) {
    let connection = Connection::open(dir.join("vouchsafe.db")).unwrap();
    let select = format!("SELECT {column} FROM {table} WHERE {which}");
    let mut bytes: Vec<u8> = connection.query_row(&select, [], |sql| sql.get(0)).unwrap();
    bytes[at] ^= 1;
    connection.execute(&format!("UPDATE {table} SET {column} = ?1 WHERE {which}"), [bytes]).unwrap();
}

/// Undoes what `change` did by writing the column back.
fn unchanged<T>(dir: &Path, table: &str, column: &str, which: &str, change: impl FnOnce() -> T) -> T {
    let connection = Connection::open(dir.join("vouchsafe.db")).unwrap();
    let select = format!("SELECT {column} FROM {table} WHERE {which}");
    let before: rusqlite::types::Value = connection.query_row(&select, [], |sql| sql.get(0)).unwrap();
    let result = change();
    connection.execute(&format!("UPDATE {table} SET {column} = ?1 WHERE {which}"), [before]).unwrap();
    result
}

const ROW: &str = "row_seq = 299";

#[test]
fn a_row_that_was_changed_in_any_column_does_not_check() {
    let (dir, opened, at) = store();
    assert_eq!(ask(&opened, &at), Outcome::Valid);
    let values = [
        ("id", "'01890000-0000-7000-8000-000000000000'"),
        ("schema", "2"),
        ("kind", "'tool'"),
        ("source", "'recordTool'"),
        ("action_name", "'buy'"),
        ("agent_id", "'somebody else'"),
        ("call_ref", "'01890000-0000-7000-8000-000000000000'"),
        ("tool_call_id", "'call_1'"),
        ("parent", "'01890000-0000-7000-8000-000000000000'"),
        ("method", "'POST'"),
        ("status", "201"),
        ("http_version", "'2'"),
        ("outcome", "'complete'"),
        ("error", "'refused'"),
        ("context", "'certain'"),
        ("truncated", "1"),
        ("redacted", "'[\"response /price\"]'"),
        ("started_us", "started_us + 1"),
        ("first_byte_us", "5"),
        ("ended_us", "ended_us + 1"),
        ("body_length", "body_length + 1"),
        ("c_wire", "NULL"),
        ("c_url", "NULL"),
        ("response", "cast('price 298' AS BLOB)"),
        ("run_id", "''"),
    ];
    for (column, value) in values {
        let change = format!("UPDATE intercepts SET {column} = {value} WHERE {ROW}");
        let outcome = unchanged(dir.path(), "intercepts", column, ROW, || {
            sql(dir.path(), &change);
            ask(&opened, &at)
        });
        assert_eq!(outcome, Outcome::Mismatch, "{column}");
    }
    for column in ["c_url", "c_request", "c_response", "c_response_headers", "c_wire", "url", "request", "response"] {
        let outcome = unchanged(dir.path(), "intercepts", column, ROW, || {
            flip(dir.path(), "intercepts", column, ROW, 0);
            ask(&opened, &at)
        });
        assert_eq!(outcome, Outcome::Mismatch, "{column}");
    }
    let outcome = unchanged(dir.path(), "row_keys", "key", ROW, || {
        flip(dir.path(), "row_keys", "key", ROW, 31);
        ask(&opened, &at)
    });
    assert_eq!(outcome, Outcome::Mismatch, "the key");
    assert_eq!(ask(&opened, &at), Outcome::Valid, "all of it was undone");
    opened.close();
}

#[test]
fn a_row_whose_columns_hold_what_nobody_writes_is_damage() {
    let (dir, opened, at) = store();
    let columns =
        [("kind", "'gossip'"), ("redacted", "'{'"), ("c_response", "x'00'"), ("ended_us", "-1"), ("status", "70000")];
    for (column, value) in columns {
        let outcome = unchanged(dir.path(), "intercepts", column, ROW, || {
            sql(dir.path(), &format!("UPDATE intercepts SET {column} = {value} WHERE {ROW}"));
            ask(&opened, &at)
        });
        assert_eq!(outcome, Outcome::Damage, "{column}");
    }
    sql(dir.path(), &format!("UPDATE intercepts SET method = CAST(x'ff' AS TEXT) WHERE {ROW}"));
    assert_eq!(ask(&opened, &at), Outcome::Damage, "text that is no UTF-8");
    sql(dir.path(), &format!("DELETE FROM intercepts WHERE {ROW}"));
    assert_eq!(ask(&opened, &at), Outcome::Damage, "the map lists a row that is gone");
    opened.close();
}

#[test]
fn a_leaf_that_was_changed_is_damage_and_accuses_no_row() {
    let (dir, opened, at) = store();
    // The first commit's 300 rows follow the seal of the empty store.
    let (row, seal) = (format!("leaf_index = {}", 1 + 299), format!("leaf_index = {}", at.checkpoint.size - 1));
    for (which, at_byte) in [(&row, 0), (&row, 8), (&row, 112), (&seal, 0), (&seal, 64)] {
        let outcome = unchanged(dir.path(), "leaves", "leaf", which, || {
            flip(dir.path(), "leaves", "leaf", which, at_byte);
            ask(&opened, &at)
        });
        assert_eq!(outcome, Outcome::Damage, "{which}, byte {at_byte}");
    }
    sql(dir.path(), &format!("DELETE FROM leaves WHERE {row}"));
    assert_eq!(ask(&opened, &at), Outcome::Damage);
    opened.close();
}

#[test]
fn a_tile_that_was_changed_is_damage_and_accuses_no_row() {
    for (level, n, byte) in [(0, 0, 0), (0, 0, 8191), (0, 1, 44 * 32), (0, 2, 5), (1, 0, 0), (1, 0, 63)] {
        // A new store each time, as tiles that were read stay in memory.
        let (dir, opened, at) = store();
        let which = format!("level = {level} AND n = {n}");
        flip(dir.path(), "tiles", "hashes", &which, byte);
        let outcome = ask(&opened, &at);
        let reopened = Opened::new(dir.path(), None).unwrap();
        let seen = outcome == Outcome::Damage || reopened.ledger.damage().is_some_and(|damage| damage.is_damage());
        // A full tile's hashes count by the tile above it; the proof of row 299 needs tile 1 and what is above.
        assert!(seen || (level, n) == (0, 0), "{which}: {outcome:?}");
        assert_ne!(outcome, Outcome::Mismatch);
        opened.close();
        reopened.close();
    }
    let (dir, opened, at) = store();
    sql(dir.path(), "DELETE FROM tiles WHERE level = 0 AND n = 1");
    assert_eq!(ask(&opened, &at), Outcome::Damage);
    opened.close();
}

#[test]
fn a_commit_that_was_changed_is_damage_to_whoever_has_it_open_and_to_whoever_opens_it() {
    let (dir, opened, at) = store();
    let newest = format!("size = {}", at.checkpoint.size);
    let changes = [
        ("note", "replace(note, 'vouchsafe.local', 'vouchsafe.other')"),
        ("note", "substr(note, 1, length(note) - 5) || 'AAA=' || char(10)"),
        ("note", "'nothing'"),
        ("root", "zeroblob(32)"),
        ("root", "x'00'"),
        ("first_index", "first_index + 1"),
        ("first_row_seq", "first_row_seq - 1"),
        ("rows", "rows - 1"),
        ("size", "size + 1"),
    ];
    for (column, value) in changes {
        let dir = copy(dir.path());
        sql(dir.path(), &format!("UPDATE commits SET {column} = {value} WHERE {newest}"));
        let damage = Opened::new(dir.path(), None).map(|opened| {
            let damage = opened.ledger.damage();
            assert!(opened.commit().is_err_and(|error| error.is_damage()), "{column} = {value}");
            assert!(ask_anew(&opened).is_err_and(|error| error.is_damage()), "{column} = {value}");
            opened.writer.record(exchange("agent", "recorded all the same"));
            opened.flush().expect("rows are still recorded");
            opened.close();
            damage
        });
        let damage = damage.unwrap_or_else(Some).expect("damage is found on opening");
        assert!(damage.is_damage(), "{column} = {value}: {damage}");
    }
    for (column, value) in changes {
        let dir = copy(dir.path());
        let opened = Opened::new(dir.path(), None).unwrap();
        sql(dir.path(), &format!("UPDATE commits SET {column} = {value} WHERE {newest}"));
        assert!(ask_anew(&opened).is_err_and(|error| error.is_damage()), "{column} = {value}");
        opened.close();
    }
    opened.close();
}

fn ask_anew(opened: &Opened) -> Result<Option<Arc<At>>, BackendError> {
    opened.runtime.block_on(opened.backend.covering())
}

/// The store as another process finds it.
fn copy(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    let connection = Connection::open(from.join("vouchsafe.db")).unwrap();
    connection.execute("VACUUM INTO ?1", [to.path().join("vouchsafe.db").to_str().unwrap()]).unwrap();
    std::fs::copy(from.join("key"), to.path().join("key")).unwrap();
    to
}
