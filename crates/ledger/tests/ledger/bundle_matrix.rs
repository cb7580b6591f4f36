//! The tampering matrix: every value of every part of a bundle, changed in every way, is refused, each with its codes.

use std::collections::{BTreeMap, BTreeSet};

use crate::committed::{Log, action, agent, call, tool_call};
use crate::mutants::{CHANGES, changed, part, places, swapped};
use serde_json::Value;
use vouchsafe_core::query::Query;
use vouchsafe_ledger::Bundle;

fn row(n: u64) -> Query {
    Query::Row { row: format!("10000000-0000-7000-8000-{n:012x}") }
}

/// What more rows than these have to show, these show.
const MOST_ROWS: usize = 3;

/// Bundles of every kind of query and in every form; beside each the like of it for another query, whose rows are
/// others, and for the same query under another checkpoint of the same log.
pub fn bundles(log: &Log) -> Vec<[Bundle; 3]> {
    let pairs: [(Query, Query, &[usize]); 6] = [
        (row(3), row(4), &[0]),
        (call(1), call(2), &[0, 1]),
        (tool_call(1), tool_call(2), &[0, 1]),
        (action("a", "price"), action("b", "rate"), &[0, 1, 2]),
        (agent("a"), agent("b"), &[0, 1, 2]),
        (agent("nobody"), agent("somebody"), &[1, 2]),
    ];
    let of = |form: usize, query: &Query, size: u64| {
        let form: fn(&Log, Query, u64) -> Bundle = [Log::bundle, Log::with_map, Log::with_scan][form];
        let mut bundle = form(log, query.clone(), size);
        let superfluous = bundle.rows.len().saturating_sub(MOST_ROWS);
        bundle.rows.drain(..superfluous);
        bundle
    };
    let alike = |(query, other, forms): &(Query, Query, &[usize])| -> Vec<[Bundle; 3]> {
        let alike = |form: &usize| {
            [of(*form, query, log.size()), of(*form, other, log.size()), of(*form, query, log.earlier_size())]
        };
        forms.iter().map(alike).collect()
    };
    pairs.iter().flat_map(alike).collect()
}

fn json_of(bundle: &Bundle) -> Value {
    serde_json::to_value(bundle).unwrap()
}

/// What every part is refused with, in whatever way it is changed, in any bundle.
const REFUSED: [(&str, &[&str]); 35] = [
    ("checkpoint", &["invalid_signature", "malformed", "missing"]),
    ("map", &["incomplete", "malformed", "mismatch"]),
    ("map/other", &["malformed"]),
    ("map/other/k", &["malformed"]),
    ("map/other/v", &["malformed", "mismatch"]),
    ("map/path", &["malformed", "mismatch"]),
    ("map/path/*", &["malformed", "mismatch"]),
    ("map/path/*/*", &["malformed", "mismatch"]),
    ("map/value", &["malformed", "mismatch"]),
    ("query", &["malformed", "mismatch"]),
    ("query/…", &["malformed", "mismatch"]),
    ("rows", &["incomplete", "malformed"]),
    ("rows/*", &["incomplete", "malformed"]),
    ("rows/*/fields", &["malformed", "mismatch"]),
    ("rows/*/fields/…", &["malformed", "mismatch"]),
    ("rows/*/fields/…/bytes", &["malformed", "mismatch"]),
    ("rows/*/fields/…/key", &["malformed", "mismatch"]),
    ("rows/*/index", &["malformed", "mismatch"]),
    ("rows/*/proof", &["malformed", "mismatch"]),
    ("rows/*/proof/*", &["malformed", "mismatch"]),
    ("rows/*/row", &["malformed", "mismatch"]),
    ("rows/*/row/…", &["malformed", "mismatch"]),
    ("rows/*/row_seq", &["malformed", "mismatch"]),
    ("rows/*/time_us", &["malformed", "mismatch"]),
    ("scan", &["incomplete", "malformed"]),
    ("scan/frontier", &["malformed"]),
    ("scan/frontier/*", &["malformed", "mismatch"]),
    ("scan/leaves", &["malformed", "mismatch"]),
    ("scan/leaves/*", &["malformed", "mismatch"]),
    ("seal", &["malformed", "missing"]),
    ("seal/index", &["malformed"]),
    ("seal/leaf", &["malformed", "mismatch"]),
    ("seal/proof", &["malformed", "mismatch"]),
    ("seal/proof/*", &["malformed", "mismatch"]),
    ("v", &["malformed"]),
];

const LESS: &str = "the rows are proven without it, and nothing is said of others";
const OTHER_QUERY: &str = "this is an answer to that query too; whoever evaluates compares it with what the claim asks";

/// What is accepted, and why; all of it is true.
const ACCEPTED: [(&str, &str, &str); 12] = [
    ("map", "Removed", LESS),
    ("scan", "Removed", LESS),
    ("scan", "other query's", "a scan that reaches back as far or farther shows the same"),
    ("rows", "Truncated", "a row less, where nothing is said of those that are not there"),
    ("rows/*", "Removed", "likewise, or an earlier row, where the newest is shown"),
    ("rows/*/fields", "Altered", "to no field at all: all are withheld"),
    ("rows/*/fields/…", "Removed", "a field that is not there is withheld"),
    ("query", "other query's", OTHER_QUERY),
    ("query/…", "other query's", OTHER_QUERY),
    ("query/…", "Altered", OTHER_QUERY),
    ("query/…", "Removed", OTHER_QUERY),
    ("query/…", "Truncated", OTHER_QUERY),
];

#[test]
fn every_value_of_every_part_changed_in_any_way_is_refused_with_the_codes_of_its_part() {
    let log = Log::new();
    let mut refused: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut accepted: BTreeSet<(String, String)> = BTreeSet::new();
    let mut mutants = 0;
    for [bundle, other_query, other_checkpoint] in bundles(&log) {
        let original = json_of(&bundle);
        assert_eq!(log.judge(&original.to_string()), "accepted");
        let others = [("other query's", json_of(&other_query)), ("other checkpoint's", json_of(&other_checkpoint))];
        for place in places(&original) {
            let here =
                CHANGES.iter().filter_map(|change| Some((format!("{change:?}"), changed(&original, &place, *change)?)));
            let there = others
                .iter()
                .filter_map(|(whose, other)| Some(((*whose).to_owned(), swapped(&original, &place, other)?)));
            for (change, mutant) in here.chain(there) {
                mutants += 1;
                match log.judge(&mutant) {
                    "accepted" => drop(accepted.insert((part(&place), change))),
                    code => drop(refused.entry(part(&place)).or_default().insert(code)),
                }
            }
        }
    }
    assert!(mutants > 5_000, "{mutants}");
    let expected: BTreeMap<String, BTreeSet<&str>> =
        REFUSED.iter().map(|(part, codes)| ((*part).to_owned(), codes.iter().copied().collect())).collect();
    assert_eq!(refused, expected);
    let expected: BTreeSet<(String, String)> =
        ACCEPTED.iter().map(|(part, change, _)| ((*part).to_owned(), (*change).to_owned())).collect();
    assert_eq!(accepted, expected);
}
