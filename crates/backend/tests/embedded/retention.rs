//! Retention: bodies and keys go, rows and leaves stay.

use vouchsafe_core::query::Query;
use vouchsafe_store::sqlite::Retention;

use crate::support::{Opened, exchange, now_us};

const DAY_US: u64 = 86_400_000_000;

fn all() -> Query {
    Query::Agent { agent: "agent".into(), run: None }
}

#[test]
fn a_pruned_row_still_proves_that_it_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    for response in ["one", "two", "three"] {
        opened.writer.record(exchange("agent", response));
    }
    let at = opened.commit().unwrap();
    opened.writer.record(exchange("agent", "not committed"));
    opened.flush().unwrap();
    let mut connection = opened.database.writer().unwrap();
    let month = Retention { days: 30.0, max_bytes: u64::MAX };
    assert!(!connection.prune(&month, now_us() + 29 * DAY_US).unwrap());
    let (bundle, _) = opened.ask(all(), &at).unwrap();
    assert!(bundle.rows.iter().all(|row| row.fields.response.is_some()), "nothing is due yet");
    assert!(!connection.prune(&month, now_us() + 31 * DAY_US).unwrap());
    let (bundle, seal) = opened.ask(all(), &at).unwrap();
    assert_eq!(bundle.check(&at.checkpoint, &seal).unwrap().rows.len(), 3);
    assert!(bundle.rows.iter().all(|row| row.fields.iter().next().is_none()), "nothing is disclosed");
    let reader = opened.database.reader().unwrap();
    for row_seq in 0..3 {
        let stored = reader.row(row_seq).unwrap().unwrap();
        assert!(
            stored.row_key.is_none() && stored.fields.request.is_none() && stored.fields.response_headers.is_none()
        );
    }
    let kept = reader.row(3).unwrap().unwrap();
    assert!(kept.row_key.is_some() && kept.fields.response.is_some(), "a row without a leaf keeps what it has");
    opened.close();
}

#[test]
fn a_store_above_its_size_loses_its_oldest_bodies_slice_by_slice() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    for _ in 0..600 {
        opened.writer.record(exchange("agent", "body"));
    }
    opened.commit().unwrap();
    let mut connection = opened.database.writer().unwrap();
    let small = Retention { days: 30.0, max_bytes: 1 };
    assert!(connection.prune(&small, now_us()).unwrap(), "the first slice leaves more to do");
    let reader = opened.database.reader().unwrap();
    assert!(reader.row(0).unwrap().unwrap().row_key.is_none());
    assert!(reader.row(599).unwrap().unwrap().row_key.is_some(), "the oldest go first");
    assert!(!connection.prune(&small, now_us()).unwrap());
    assert!(reader.row(599).unwrap().unwrap().row_key.is_none());
    opened.close();
}
