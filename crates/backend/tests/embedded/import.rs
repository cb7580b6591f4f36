//! Rows of somebody else's table: once each, under the commit's time.

use crate::support::{Opened, exchange, now_us};
use vouchsafe_core::{
    exchange::{Exchange, Prepared},
    prepare::prepare,
    query::Query,
    redact::RedactionRules,
    row::Source,
};

fn rows(responses: &[&str]) -> Vec<Prepared> {
    let rules = RedactionRules::default();
    let foreign =
        |response: &&str| Exchange { source: Source::Postgres, ended_us: 7_000_000, ..exchange("agent", response) };
    responses.iter().map(|response| prepare(foreign(response), &rules, 1 << 20)).collect()
}

#[test]
fn a_row_is_imported_once_under_the_time_of_its_commit_whatever_it_says_itself() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    opened.writer.record(exchange("agent", "recorded"));
    opened.flush().unwrap();
    let imported = rows(&["one", "two"]);
    let at = opened.runtime.block_on(opened.backend.import(imported.clone())).unwrap();
    assert_eq!(at.rows, 3, "with what was recorded before");
    let (bundle, seal) = opened.ask(Query::Agent { agent: "agent".into(), run: None }, &at).unwrap();
    bundle.check(&at.checkpoint, &seal).unwrap();
    let times: Vec<u64> = bundle.rows.iter().map(|row| row.time_us).collect();
    assert_eq!(times, [now_us() - 1_000, now_us(), now_us()]);

    // A second copy of a row, with another content, changes nothing.
    let mut again = rows(&["a second version of one", "three"]);
    again[0].row.id.clone_from(&imported[0].row.id);
    let next = opened.runtime.block_on(opened.backend.import(again)).unwrap();
    assert_eq!(next.rows, 4);
    let (bundle, _) = opened.ask(Query::Row { row: imported[0].row.id.clone() }, &next).unwrap();
    assert_eq!(bundle.rows[0].row, imported[0].row);
    let same = opened.runtime.block_on(opened.backend.import(imported)).unwrap();
    assert_eq!(same.note, next.note, "nothing new, no commit");
    opened.close();
}
