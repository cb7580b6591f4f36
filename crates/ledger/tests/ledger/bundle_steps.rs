//! Every step of a bundle's check says what is wrong by its own code, and before the steps behind it.

use crate::committed::{Log, action, agent, call};
use vouchsafe_core::query::Query;
use vouchsafe_ledger::{Bundle, SigningKey};

type Change = fn(&mut Bundle);
/// A code, what its sentence says, and the change that it is of.
type Fault = (&'static str, &'static str, Change);

fn flip(hash: &mut [u8]) {
    hash[5] ^= 1;
}

/// In the order of the steps: each fault with its code, and what its sentence says.
const FAULTS: [Fault; 18] = [
    ("missing", "the proof has no checkpoint", |bundle| bundle.checkpoint = None),
    ("missing", "the proof has no seal", |bundle| bundle.seal = None),
    ("malformed", "not a signed checkpoint: no blank line before the signatures", |bundle| {
        bundle.checkpoint = bundle.checkpoint.take().map(|note| note.replace("\n\n", "\n"));
    }),
    ("invalid_signature", "does not verify", |bundle| {
        bundle.checkpoint = bundle.checkpoint.take().map(|note| note.replacen("\n42\n", "\n43\n", 1));
    }),
    ("malformed", "the seal at 40 is not the last leaf", |bundle| bundle.seal.as_mut().unwrap().index -= 1),
    ("malformed", "65 bytes are no seal leaf", |bundle| bundle.seal.as_mut().unwrap().leaf[0] = 1),
    ("malformed", "the seal: the proof has the wrong number of hashes", |bundle| {
        bundle.seal.as_mut().unwrap().proof.truncate(1);
    }),
    ("mismatch", "the seal does not match the signed log", |bundle| flip(&mut bundle.seal.as_mut().unwrap().leaf)),
    ("malformed", "the rows are not in the order of the log", |bundle| bundle.rows.swap(0, 1)),
    ("malformed", "the proof has the wrong number of hashes", |bundle| bundle.rows[0].proof.truncate(2)),
    ("mismatch", "row 10000000-0000-7000-8000-000000000003 does not match the signed log", |bundle| {
        bundle.rows[0].row.status = Some(201);
    }),
    ("mismatch", "the response of row 10000000-0000-7000-8000-000000000003 does not match", |bundle| {
        bundle.rows[0].fields.response.as_mut().unwrap().bytes.push(b' ');
    }),
    ("mismatch", "the url of row 10000000-0000-7000-8000-000000000003 does not match", |bundle| {
        flip(&mut bundle.rows[0].fields.url.as_mut().unwrap().key);
    }),
    ("mismatch", "row 10000000-0000-7000-8000-000000000004 does not match", |bundle| bundle.rows[1].time_us += 1),
    ("malformed", "both a map's answer and a scan", |bundle| {
        bundle.scan = Some(vouchsafe_ledger::Scan { frontier: Vec::new(), leaves: Vec::new() });
    }),
    ("malformed", "the map's answer: the bits of the path do not fall", |bundle| {
        bundle.map.as_mut().unwrap().path.swap(0, 1);
    }),
    ("mismatch", "the map's answer does not match the signed log", |bundle| {
        flip(bundle.map.as_mut().unwrap().value.as_mut().unwrap());
    }),
    ("incomplete", "a later exchange is left out", |bundle| drop(bundle.rows.pop())),
];

#[test]
fn every_fault_has_its_code_and_hides_those_of_later_steps() {
    let log = Log::new();
    for (place, (code, sentence, fault)) in FAULTS.iter().enumerate() {
        for later in [None].into_iter().chain(FAULTS[place + 1..].iter().map(Some)) {
            let mut bundle = log.with_map(call(1), log.size());
            assert_eq!(log.code(&bundle), "ok");
            if let Some((_, _, later)) = later {
                later(&mut bundle);
            }
            fault(&mut bundle);
            let error = log.open(&bundle).unwrap_err();
            let second = later.map(|(_, sentence, _)| sentence);
            assert_eq!(error.code(), *code, "{sentence} with {second:?}: {error}");
            assert!(error.to_string().contains(sentence), "{sentence} with {second:?}: {error}");
            assert_eq!(error.is_proof_invalid(), matches!(*code, "mismatch" | "invalid_signature"));
        }
    }
}

#[test]
fn a_row_beyond_the_checkpoint_is_malformed() {
    let log = Log::new();
    let mut bundle = log.with_map(call(1), log.size());
    bundle.rows[2].index = log.size();
    let error = log.open(&bundle).unwrap_err();
    assert_eq!(error.code(), "malformed");
    assert!(error.to_string().ends_with("the proof's position lies outside the tree"), "{error}");
}

#[test]
fn what_is_no_bundle_at_all_is_malformed() {
    for text in ["", "{}", "[]", "null", "{\"v\":1}", &"[".repeat(100_000)] {
        assert_eq!(Bundle::parse(text).unwrap_err().code(), "malformed");
    }
}

#[test]
fn a_checkpoint_that_only_strangers_signed_is_of_an_unknown_signer() {
    let log = Log::new();
    let bundle = log.with_map(call(1), log.size());
    for known in [vec![], vec![SigningKey::from_seed(&[8; 32]).verifier()]] {
        let error = bundle.open(&known).unwrap_err();
        assert_eq!((error.code(), error.is_proof_invalid()), ("unknown_signer", false));
    }
}

#[test]
fn a_query_by_row_has_neither_map_nor_scan_and_one_by_call_no_scan() {
    let log = Log::new();
    let row = Query::Row { row: "10000000-0000-7000-8000-000000000003".into() };
    let mut by_map = log.bundle(row.clone(), log.size());
    by_map.map = Some(log.map_answer(&call(1), log.size()));
    let by_scan = log.with_scan(row, log.size());
    for bundle in [by_map, by_scan, log.with_scan(call(1), log.size())] {
        assert_eq!(log.code(&bundle), "malformed");
    }
}

#[test]
fn a_scan_of_the_wrong_form_is_malformed_and_one_of_other_leaves_a_mismatch() {
    let log = Log::new();
    let faults: [(&str, Change); 8] = [
        ("malformed", |bundle| bundle.scan.as_mut().unwrap().leaves.clear()),
        ("malformed", |bundle| drop(bundle.scan.as_mut().unwrap().leaves.remove(0))),
        ("malformed", |bundle| bundle.scan.as_mut().unwrap().frontier.truncate(1)),
        ("malformed", |bundle| bundle.scan.as_mut().unwrap().frontier.push([0; 32])),
        ("malformed", |bundle| bundle.scan.as_mut().unwrap().leaves[0].truncate(112)),
        ("malformed", |bundle| bundle.scan.as_mut().unwrap().leaves[0][0] = 3),
        ("mismatch", |bundle| flip(&mut bundle.scan.as_mut().unwrap().leaves[0])),
        ("mismatch", |bundle| flip(&mut bundle.scan.as_mut().unwrap().frontier[0])),
    ];
    for (place, (code, fault)) in faults.iter().enumerate() {
        let mut bundle = log.with_scan(action("a", "price"), log.size());
        fault(&mut bundle);
        assert_eq!(log.code(&bundle), *code, "fault {place}");
    }
    let mut endless = log.with_scan(agent("a"), log.size());
    endless.scan.as_mut().unwrap().leaves = vec![log.leaves[1].clone(); 43];
    assert_eq!(log.open(&endless).unwrap_err().to_string(), "a scan of no leaves, or too many");
}

#[test]
fn a_scan_of_64_kib_is_too_long_and_one_of_less_is_not() {
    let log = Log::of(&[0, 579]);
    let scanned = |count| {
        let mut bundle = log.bundle(agent("a"), log.size());
        bundle.scan = Some(log.scan(count, log.size()));
        log.open(&bundle).map(|opened| opened.rows.len()).map_err(|error| error.to_string())
    };
    // The seal and 579 rows are 65,492 bytes, those and another row 65,605.
    assert_eq!(scanned(580), Ok(264), "all but the first seal");
    let log = Log::of(&[0, 580]);
    let mut bundle = log.bundle(agent("a"), log.size());
    bundle.scan = Some(log.scan(581, log.size()));
    assert_eq!(log.open(&bundle).unwrap_err().to_string(), "a scan of 65536 bytes or more");
}

#[test]
fn a_value_that_the_map_commits_to_and_that_is_none_is_malformed() {
    for value in [vec![0; 48], vec![1; 47], Vec::new()] {
        let log = Log::with_value(&call(1), &value);
        let mut bundle = log.bundle(call(1), log.size());
        bundle.map = Some(log.map_answer(&call(1), log.size()));
        assert_eq!(log.code(&bundle), "malformed", "{value:?}");
    }
}

#[test]
fn a_map_that_was_signed_and_contradicts_the_rows_is_a_mismatch() {
    let value = |count: u64, last_index: u64, root: [u8; 32]| {
        vouchsafe_ledger::map::MapValue { count, last_index, root }.encode().to_vec()
    };
    let honest = Log::new();
    let last = honest.bundle(call(1), honest.size()).rows.pop().unwrap().index;
    for (lie, said) in [
        (None, "the map, which leaves out row 10000000-0000-7000-8000-000000000005, does not match the signed log"),
        (
            Some(value(3, last - 1, [0; 32])),
            "the map, which leaves out row 10000000-0000-7000-8000-000000000005, does not match the signed log",
        ),
        (Some(value(2, last, [0; 32])), "the map, which counts fewer rows, does not match the signed log"),
        (Some(value(3, last, [0; 32])), "the map, which lists other rows, does not match the signed log"),
    ] {
        let log = match &lie {
            Some(value) => Log::with_value(&call(1), value),
            None => Log::without(&call(1)),
        };
        let bundle = log.with_map(call(1), log.size());
        let error = log.open(&bundle).unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), ("mismatch", said));
        assert!(error.is_proof_invalid());
    }
}
