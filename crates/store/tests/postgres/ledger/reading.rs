//! What was committed, as snapshots show it.

use super::{LOG, append, commit, open, prepared, read, rows};
use crate::setup::{Database, foreign, id, own};
use uuid::Uuid;
use vouchsafe_core::{
    exchange::Fields,
    intercept::{Intercept, Own},
    query::Query,
};
use vouchsafe_store::ledger::{LedgerStore, Name};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_commit_wrote_is_read_back() {
    let Some(database) = Database::new() else { return };
    let ledger = open(&database, LOG).await;
    assert_eq!(read(&ledger, |held| held.newest_commit()).await, None);
    commit(&ledger, |tx| append(tx, &[])).await.unwrap();
    commit(&ledger, |tx| {
        append(tx, &rows(0..3))?;
        tx.put_tile(0, 0, &[1; 64])?;
        tx.put_tile(1, 7, &[2; 32])?;
        tx.put_map_page(u64::from(u32::MAX), b"page")
    })
    .await
    .unwrap();
    commit(&ledger, |tx| tx.put_tile(0, 0, &[3; 96])).await.unwrap();
    read(&ledger, |held| {
        let newest = held.newest_commit()?.unwrap();
        assert_eq!((newest.size, newest.first_row_seq, newest.rows), (5, 0, 3));
        assert_eq!(newest.note, "note 5");
        assert_eq!([0, 2, 3].map(|row| held.leaf_index(row).unwrap()), [Some(1), Some(3), None]);
        assert_eq!(held.leaf(4)?.unwrap(), 4_u64.to_be_bytes());
        assert_eq!([5, u64::MAX].map(|index| held.leaf(index).unwrap()), [None, None]);
        assert_eq!(held.leaves(1, 3)?, [1, 2].map(|index: u64| (index, index.to_be_bytes().to_vec())));
        assert_eq!(*held.tile(0, 0)?.unwrap(), [3; 96]);
        assert_eq!(*held.tile(1, 7)?.unwrap(), [2; 32]);
        assert_eq!(held.tile(0, 1)?, None);
        assert_eq!(held.map_page(u64::from(u32::MAX))?.unwrap(), b"page");
        assert_eq!(held.map_page(1)?, None);
        let (stored, expected) = (held.row(1)?.unwrap(), prepared(&own(1)));
        assert_eq!((stored.row_seq, stored.row_hash, &stored.row), (1, expected.row_hash, &expected.row));
        assert_eq!((stored.row_key, stored.fields), (Some(expected.row_key), Fields::default()));
        assert!(held.row(3)?.is_none());
        assert!(held.has_rows_from(2)? && !held.has_rows_from(3)?);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_answered_by_every_row_that_they_select_newest_first() {
    let Some(database) = Database::new() else { return };
    let ledger = open(&database, LOG).await;
    let long = "r".repeat(65_535);
    let of = |n: u64, agent: &str, own: Own| Intercept { agent_id: agent.into(), own, ..foreign(n) };
    let all = vec![
        of(0, "agent", Own::default()),
        Intercept {
            call_ref: foreign(0).call_ref,
            ..of(1, "agent", Own { run_id: Some(String::new()), ..Own::default() })
        },
        of(2, "agent", Own { run_id: Some(long.clone()), tool_call_id: Some(long.clone()), ..Own::default() }),
        of(3, "other", Own::default()),
        of(4, "agent", Own { kind: Some("model".into()), ..Own::default() }),
        Intercept {
            agent_id: "__provably_preprocess_pad".into(),
            action_name: "__dummy_row".into(),
            ..of(5, "", Own::default())
        },
    ];
    commit(&ledger, move |tx| append(tx, &all)).await.unwrap();
    read(&ledger, move |held| {
        let call = foreign(0).call_ref.unwrap();
        let action = |agent: &str, run: Option<&str>| Query::Action {
            action: "get_price".into(),
            agent: agent.into(),
            run: run.map(Into::into),
        };
        let cases = [
            (Query::Row { row: id(4) }, vec![4]),
            (Query::Row { row: id(4).replace('-', "") }, vec![]),
            (Query::Row { row: "\0'".into() }, vec![]),
            (Query::Call { call }, vec![1, 0]),
            (Query::Call { call: "\0'".into() }, vec![]),
            (Query::ToolCall { tool_call: long.clone() }, vec![2]),
            (action("agent", None), vec![1, 0]),
            (action("agent", Some("")), vec![1, 0]),
            (action("agent", Some(&long)), vec![2]),
            (action("other", None), vec![3]),
            (Query::Agent { agent: "agent".into(), run: None }, vec![1, 0]),
        ];
        for (query, expected) in cases {
            assert_eq!(held.answers(&query, u64::MAX, 10)?, expected, "{query:?}");
        }
        assert_eq!(held.answers(&action("agent", None), u64::MAX, 1)?, [1]);
        assert_eq!(held.answers(&action("agent", None), 1, 10)?, [0]);
        assert!(held.answers(&Query::Row { row: id(4) }, 4, 10)?.is_empty());
        assert_eq!(held.newest_of("agent", None, u64::MAX)?, Some(2));
        assert_eq!(held.newest_of("other", Some("get_price"), u64::MAX)?, Some(3));
        assert_eq!(held.newest_of("other", Some("look"), u64::MAX)?, None);
        assert_eq!(held.newest_of("agent", Some("get_price"), 2)?, Some(1));
        assert_eq!(held.named(Name::Action("get_price"), u64::MAX, 3)?, [3, 2, 1]);
        assert_eq!(held.named(Name::Agent("agent"), 2, 10)?, [1, 0]);
        assert!(held.has_rows_from(4)? && !held.has_rows_from(5)?, "padding deserves no commit");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_shows_the_log_as_it_was_when_it_began() {
    let Some(database) = Database::new() else { return };
    let ledger = open(&database, LOG).await;
    commit(&ledger, |tx| append(tx, &rows(0..1))).await.unwrap();
    let holder = ledger.clone();
    let held = tokio::task::spawn_blocking(move || holder.hold()).await.unwrap().unwrap();
    commit(&ledger, |tx| append(tx, &rows(1..2))).await.unwrap();
    let held = tokio::task::spawn_blocking(move || {
        assert_eq!(held.newest_commit().unwrap().unwrap().size, 2);
        assert!(!held.has_rows_from(1).unwrap());
        assert_eq!(held.leaf(3).unwrap(), None);
        held
    });
    // It may be dropped where nothing may wait, and more often than there are connections.
    drop(held.await.unwrap());
    for _ in 0..30 {
        assert_eq!(read(&ledger, |held| Ok(held.newest_commit()?.unwrap().size)).await, 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_of_one_database_know_nothing_of_each_other() {
    let Some(database) = Database::new() else { return };
    let (first, second) = (open(&database, LOG).await, open(&database, Uuid::from_u128(8)).await);
    commit(&first, |tx| append(tx, &rows(0..2))).await.unwrap();
    commit(&second, |tx| append(tx, &rows(1..2))).await.unwrap();
    let size = |ledger| async move { read(ledger, |held| Ok(held.newest_commit()?.unwrap().size)).await };
    assert_eq!((size(&first).await, size(&second).await), (3, 2));
    let of_row = |ledger| async move { read(ledger, |held| held.answers(&Query::Row { row: id(1) }, 9, 9)).await };
    assert_eq!((of_row(&first).await, of_row(&second).await), (vec![1], vec![0]));
}
