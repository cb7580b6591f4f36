//! What an answer says beside its rows: that they are all, the latest, or that there are none.

use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;
use vouchsafe_backend::{At, Backend};
use vouchsafe_core::{query::Query, tag::tag};
use vouchsafe_ledger::{
    Appender, Bundle, BundleError, Frontier, RowLeaf, Scan, Seal, SealProof, leaf_hash,
    map::{MapProof, MapValue, OtherLeaf},
};

use crate::support::{Opened, exchange};

const CALL: &str = "01890000-0000-7000-8000-000000000001";

fn agent(agent: &str) -> Query {
    Query::Agent { agent: agent.into(), run: None }
}

fn action(agent: &str, action: &str) -> Query {
    Query::Action { agent: agent.into(), action: action.into(), run: None }
}

fn call(call: &str) -> Query {
    Query::Call { call: call.into() }
}

/// A store with three rows of one call, and that many rows of another agent after them.
fn store(others: u64) -> (TempDir, Opened, Arc<At>) {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    for n in 0..3 {
        let mut exchange = exchange("agent", &format!("answer {n}"));
        exchange.call_ref = Some(CALL.into());
        exchange.tool_call_id = Some("tool call".into());
        opened.writer.record(exchange);
    }
    for _ in 0..others {
        opened.writer.record(exchange("other", "body"));
    }
    let at = opened.commit().unwrap();
    let at = opened.runtime.block_on(opened.backend.hold(at)).unwrap();
    (dir, opened, at)
}

/// What the map of a bundle says, checked against the seal: the value, or that there is none.
fn checked_map(bundle: &Bundle, seal: &SealProof) -> Option<MapValue> {
    assert!(bundle.scan.is_none(), "one of both");
    let map = bundle.map.clone().expect("the map's answer");
    let proof = MapProof {
        value: map.value.clone(),
        path: map.path,
        other: map.other.map(|other| OtherLeaf { key: other.k, value: other.v }),
    };
    let root = Seal::decode(&seal.leaf).unwrap().map_root;
    proof.verify(&root, &bundle.query.map_key().unwrap()).unwrap();
    map.value.map(|value| MapValue::decode(&value).unwrap())
}

/// The leaves of a scan, checked against the checkpoint, and the index of the first.
fn checked_scan<'b>(bundle: &'b Bundle, at: &At) -> (u64, &'b [Vec<u8>]) {
    assert!(bundle.map.is_none(), "one of both");
    let Scan { frontier, leaves } = bundle.scan.as_ref().expect("a scan");
    let begin = at.checkpoint.size - leaves.len() as u64;
    let mut log = Frontier::new(begin, frontier.clone()).unwrap();
    for leaf in leaves {
        log.push(leaf_hash(leaf));
    }
    assert_eq!(log.root(), at.checkpoint.root);
    (begin, leaves)
}

#[test]
fn a_calls_rows_are_those_that_the_map_counts() {
    let (_dir, opened, at) = store(0);
    for query in [call(CALL), Query::ToolCall { tool_call: "tool call".into() }] {
        let (bundle, seal) = opened.ask(query, &at).unwrap();
        let value = checked_map(&bundle, &seal).unwrap();
        let mut log = Appender::default();
        bundle.rows.iter().for_each(|row| log.push(leaf_hash(&row.index.to_be_bytes())));
        assert_eq!(value, MapValue { count: 3, last_index: bundle.rows[2].index, root: log.root() });
    }
    drop(at);
    opened.close();
}

#[test]
fn the_latest_is_shown_by_the_last_leaves_where_they_are_few_and_else_by_the_map() {
    for others in [0, 2, 3, 40] {
        let (_dir, opened, at) = store(others);
        for query in [agent("agent"), action("agent", "look")] {
            let (bundle, seal) = opened.ask(query, &at).unwrap();
            let latest = bundle.rows.last().unwrap().index;
            // The row, the others, and the seal.
            if others + 2 <= 4 {
                let (begin, leaves) = checked_scan(&bundle, &at);
                assert_eq!((begin, leaves.len() as u64), (latest, others + 2));
            } else {
                assert_eq!(checked_map(&bundle, &seal).unwrap().last_index, latest);
            }
        }
        drop(at);
        opened.close();
    }
}

#[test]
fn a_later_leaf_that_might_answer_leaves_it_to_the_map() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    opened.writer.record(exchange("agent", "without a run"));
    let mut later = exchange("agent", "in a run");
    later.run_id = Some("run".into());
    opened.writer.record(later);
    let at = opened.commit().unwrap();
    let (bundle, seal) = opened.ask(agent("agent"), &at).unwrap();
    assert_eq!(checked_map(&bundle, &seal).unwrap().count, 1);
    let (bundle, seal) = opened.ask(action("agent", "look"), &at).unwrap();
    assert_eq!(checked_map(&bundle, &seal).unwrap().count, 1);
    let in_run = Query::Agent { agent: "agent".into(), run: Some("run".into()) };
    checked_scan(&opened.ask(in_run, &at).unwrap().0, &at);
    let (bundle, seal) = opened.ask(Query::Agent { agent: "agent".into(), run: Some("none".into()) }, &at).unwrap();
    assert_eq!((bundle.rows.len(), checked_map(&bundle, &seal)), (0, None));
    opened.close();
}

#[test]
fn absence_is_shown_by_all_leaves_where_they_are_few_and_else_by_the_map() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    opened.writer.record(exchange("agent", "alone"));
    let at = opened.commit().unwrap();
    for query in [agent("nobody"), action("agent", "nothing"), action("nobody", "look")] {
        let (bundle, _) = opened.ask(query, &at).unwrap();
        assert!(bundle.rows.is_empty());
        let (begin, leaves) = checked_scan(&bundle, &at);
        assert_eq!(begin, 0);
        let nobody = tag("agent", &["nobody"]);
        assert!(leaves.iter().filter_map(|leaf| RowLeaf::decode(leaf).ok()).all(|leaf| leaf.agent != nobody));
    }
    opened.close();
    let (_dir, opened, at) = store(20);
    for query in [agent("nobody"), action("agent", "nothing"), call("no call")] {
        let (bundle, seal) = opened.ask(query, &at).unwrap();
        assert_eq!((bundle.rows.len(), checked_map(&bundle, &seal)), (0, None));
    }
    drop(at);
    opened.close();
}

#[test]
fn absence_is_shown_from_the_first_checkpoint_on() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    let at = opened.commit().unwrap();
    assert_eq!(checked_scan(&opened.ask(agent("agent"), &at).unwrap().0, &at).0, 0);
    let (bundle, seal) = opened.ask(call(CALL), &at).unwrap();
    assert_eq!(checked_map(&bundle, &seal), None);
    opened.close();
}

#[test]
fn a_query_for_a_row_shows_the_row_alone() {
    let (_dir, opened, at) = store(0);
    let (bundle, _) = opened.ask(agent("agent"), &at).unwrap();
    let (bundle, _) = opened.ask(Query::Row { row: bundle.rows[0].row.id.clone() }, &at).unwrap();
    assert_eq!((bundle.rows.len(), bundle.map, bundle.scan), (1, None, None));
    drop(at);
    opened.close();
}

#[test]
fn a_row_whose_selector_was_changed_is_still_found_and_fails_at_its_leaf() {
    let ask = |opened: &Opened, at: &Arc<At>, query| {
        let (bundle, seal) = opened.ask(query, at).unwrap();
        bundle.check(&at.checkpoint, &seal).map(|checked| checked.rows.len())
    };
    for (change, query) in [
        ("agent_id = 'other'", agent("agent")),
        ("action_name = 'buy'", action("agent", "look")),
        ("run_id = 'run'", agent("agent")),
        ("call_ref = NULL", call(CALL)),
        ("tool_call_id = 'another'", Query::ToolCall { tool_call: "tool call".into() }),
        ("kind = 'model'", agent("agent")),
    ] {
        let (dir, opened, at) = store(0);
        drop(at);
        let connection = Connection::open(dir.path().join("vouchsafe.db")).unwrap();
        connection.execute(&format!("UPDATE intercepts SET {change} WHERE row_seq = 2"), []).unwrap();
        let at = opened.runtime.block_on(opened.backend.covering()).unwrap().unwrap();
        assert!(matches!(ask(&opened, &at, query), Err(BundleError::Mismatch(_))), "{change}");
        drop(at);
        opened.close();
    }
}

#[test]
fn a_row_that_was_changed_into_a_later_answer_fails_at_its_leaf() {
    let (dir, opened, at) = store(1);
    drop(at);
    let connection = Connection::open(dir.path().join("vouchsafe.db")).unwrap();
    connection.execute("UPDATE intercepts SET agent_id = 'agent' WHERE row_seq = 3", []).unwrap();
    let at = opened.runtime.block_on(opened.backend.covering()).unwrap().unwrap();
    let (bundle, seal) = opened.ask(agent("agent"), &at).unwrap();
    assert!(matches!(bundle.check(&at.checkpoint, &seal), Err(BundleError::Mismatch(_))));
    drop(at);
    opened.close();
}

#[test]
fn a_state_that_is_kept_answers_as_it_was_while_commits_go_on() {
    let (dir, opened, at) = store(20);
    let other = Opened::new(dir.path(), None).unwrap();
    for n in 0..5 {
        other.writer.record(exchange("agent", &format!("later {n}")));
        other.commit().unwrap();
        let (bundle, seal) = opened.ask(agent("agent"), &at).unwrap();
        assert_eq!(bundle.rows.len(), 3);
        bundle.check(&at.checkpoint, &seal).unwrap();
        assert_eq!(checked_map(&bundle, &seal).unwrap().count, 3);
        let (bundle, seal) = opened.ask(agent("nobody"), &at).unwrap();
        assert_eq!(checked_map(&bundle, &seal), None);
    }
    let newer = opened.runtime.block_on(opened.backend.hold(Arc::new(At::new(
        at.checkpoint.clone(),
        at.note.clone(),
        at.rows,
    ))));
    let newer = newer.unwrap();
    assert_eq!(newer.rows, at.rows + 5, "what is not kept yet is kept as it is now");
    assert_eq!(opened.ask(agent("agent"), &newer).unwrap().0.rows.len(), 8);
    drop((at, newer));
    other.close();
    opened.close();
}

#[test]
fn a_state_that_is_not_kept_says_nothing_of_completeness_once_it_is_old() {
    let (_dir, opened, at) = store(20);
    let at = Arc::new(At::new(at.checkpoint.clone(), at.note.clone(), at.rows));
    opened.writer.record(exchange("agent", "later"));
    opened.commit().unwrap();
    let (bundle, seal) = opened.ask(agent("agent"), &at).unwrap();
    assert_eq!(bundle.check(&at.checkpoint, &seal).unwrap().rows.len(), 3);
    assert_eq!((bundle.map, bundle.scan), (None, None));
    opened.close();
}

#[test]
fn a_snapshot_ends_with_the_last_that_keeps_the_state() {
    let (dir, opened, at) = store(0);
    let log = Connection::open(dir.path().join("vouchsafe.db")).unwrap();
    let truncates = || log.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |sql| sql.get::<_, i64>(0)).unwrap() == 0;
    log.busy_timeout(std::time::Duration::ZERO).unwrap();
    opened.writer.record(exchange("agent", "later"));
    opened.commit().unwrap();
    let clone = at.clone();
    drop(at);
    assert!(!truncates(), "the write-ahead log is kept for it");
    drop(clone);
    assert!(truncates());
    opened.close();
}
