//! What a bundle says of rows that are not in it: completeness, by the map and by a scan.

use crate::committed::{Log, action, agent, call, tool_call};
use vouchsafe_core::query::Query;
use vouchsafe_core::verdict::{Covers, ProofForm};
use vouchsafe_ledger::Bundle;

fn covers(log: &Log, bundle: &Bundle) -> (Option<Covers>, Option<ProofForm>) {
    let opened = log.open(bundle).unwrap_or_else(|error| panic!("{:?}: {error}", bundle.query));
    assert_eq!(opened.rows.len(), bundle.rows.len());
    (opened.covers, opened.form)
}

/// The sentence of what is wrong, behind its code.
fn fault(log: &Log, bundle: &Bundle) -> String {
    let error = log.open(bundle).unwrap_err();
    format!("{}: {error}", error.code())
}

fn changed(bundle: &Bundle, change: impl FnOnce(&mut Bundle)) -> Bundle {
    let mut bundle = bundle.clone();
    change(&mut bundle);
    bundle
}

fn without_last(bundle: &Bundle) -> Bundle {
    changed(bundle, |bundle| drop(bundle.rows.pop()))
}

fn without_rows(bundle: &Bundle) -> Bundle {
    changed(bundle, |bundle| bundle.rows.clear())
}

#[test]
fn the_map_shows_all_rows_of_a_call_and_the_latest_of_an_action_or_agent() {
    let log = Log::new();
    for size in [log.size(), log.earlier_size()] {
        for (query, covered) in [
            (call(1), Covers::Call),
            (tool_call(1), Covers::Call),
            (action("a", "price"), Covers::Latest),
            (agent("b"), Covers::Latest),
        ] {
            let bundle = log.with_map(query, size);
            assert!(bundle.rows.len() > 1, "{:?}", bundle.query);
            assert_eq!(covers(&log, &bundle), (Some(covered), Some(ProofForm::Map)), "{:?}", bundle.query);
        }
    }
}

#[test]
fn of_a_call_the_newest_rows_alone_are_its_latest_and_without_the_newest_nothing() {
    let log = Log::new();
    for query in [call(1), action("a", "price")] {
        let whole = log.with_map(query, log.size());
        let newest = changed(&whole, |bundle| drop(bundle.rows.remove(0)));
        assert_eq!(covers(&log, &newest), (Some(Covers::Latest), Some(ProofForm::Map)));
        assert_eq!(fault(&log, &without_last(&whole)), "incomplete: a later exchange is left out");
        let none = without_rows(&whole);
        assert_eq!(fault(&log, &none), "incomplete: the map has an answer, and the proof has no rows");
    }
}

#[test]
fn absence_is_shown_by_the_map_and_by_a_scan_of_the_whole_log() {
    let log = Log::new();
    for size in [1, log.earlier_size(), log.size()] {
        for query in [call(500), tool_call(500), action("a", "nothing"), agent("nobody")] {
            assert_eq!(covers(&log, &log.with_map(query, size)), (Some(Covers::Absence), Some(ProofForm::Map)));
        }
        for query in [action("a", "nothing"), agent("nobody")] {
            let bundle = log.with_scan(query, size);
            assert_eq!(covers(&log, &bundle), (Some(Covers::Absence), Some(ProofForm::Scan)));
        }
    }
    let mut short = log.with_scan(agent("nobody"), log.size());
    short.scan = Some(log.scan(log.size() - 1, log.size()));
    assert_eq!(fault(&log, &short), "incomplete: the scan does not reach back to the first leaf");
}

#[test]
fn rows_that_the_map_does_not_list_are_no_answer_to_what_it_is_asked() {
    let log = Log::new();
    // Row 10 is a model's: it is a leaf, but no claim by call rests on it.
    let model = Query::Row { row: "10000000-0000-7000-8000-00000000000a".into() };
    assert_eq!(covers(&log, &log.bundle(model.clone(), log.size())), (Some(Covers::Row), None));
    assert!(log.bundle(call(3), log.size()).rows.iter().all(|row| row.row_seq != 10));
    let mut bundle = log.with_map(call(3), log.size());
    bundle.rows.insert(1, log.bundle(model, log.size()).rows.remove(0));
    assert_eq!(fault(&log, &bundle), "malformed: row 10000000-0000-7000-8000-00000000000a is no answer to the query");
}

#[test]
fn a_scan_shows_the_latest_of_an_action_or_agent_as_far_as_it_reaches() {
    let log = Log::new();
    for query in [action("a", "price"), agent("b")] {
        let bundle = log.with_scan(query, log.size());
        assert_eq!(covers(&log, &bundle), (Some(Covers::Latest), Some(ProofForm::Scan)));
        let last = bundle.rows.last().unwrap().index;
        for count in [log.size() - last - 1, log.size() - last, log.size()] {
            let other = changed(&bundle, |bundle| bundle.scan = Some(log.scan(count, log.size())));
            match count {
                count if count < log.size() - last => {
                    assert_eq!(fault(&log, &other), "incomplete: the scan does not reach back to the newest row");
                }
                _ => assert_eq!(covers(&log, &other), (Some(Covers::Latest), Some(ProofForm::Scan))),
            }
        }
        let whole = changed(&bundle, |bundle| bundle.scan = Some(log.scan(log.size(), log.size())));
        assert_eq!(fault(&log, &without_last(&whole)), "incomplete: a later exchange is left out");
        let none = without_rows(&whole);
        assert_eq!(fault(&log, &none), "incomplete: the scan has an answer, and the proof has no rows");
    }
}

#[test]
fn a_later_leaf_of_the_same_agent_and_action_may_answer_whatever_its_run() {
    let log = Log::new();
    // Rows of run-1 that are scanned for run-2: their leaves do not say of which run they are.
    let Query::Action { action, agent, .. } = action("a", "price") else { unreachable!() };
    let other_run = Query::Action { action, agent, run: Some("run-2".into()) };
    assert_eq!(
        fault(&log, &log.with_scan(other_run.clone(), log.size())),
        "incomplete: the scan has an answer, and the proof has no rows"
    );
    assert_eq!(covers(&log, &log.with_map(other_run, log.size())), (Some(Covers::Absence), Some(ProofForm::Map)));
}

#[test]
fn a_bundle_without_rows_that_shows_no_absence_proves_nothing() {
    let log = Log::new();
    for query in [call(500), Query::Row { row: "nothing".into() }] {
        assert_eq!(covers(&log, &log.bundle(query, log.size())), (None, None));
    }
    assert_eq!(covers(&log, &log.bundle(call(1), log.size())), (Some(Covers::Row), None));
}
