//! Histories that the key's owner signed, and that are wrong all the same.

use vouchsafe_backend::archive::{AuditOptions, FindingCode, audit};
use vouchsafe_ledger::{Seal, SigningKey};

use crate::forge::{COMMITS, Forge};

/// The sound history but for the seal of its fourth commit.
fn with_a_seal(change: impl Fn(&mut Seal) + 'static) -> Vec<(FindingCode, Option<u64>)> {
    let mut forge = Forge::new();
    let change = std::rc::Rc::new(change);
    for (n, rows) in COMMITS.into_iter().enumerate() {
        let change = std::rc::Rc::clone(&change);
        forge.change_seal = if n == 3 { Box::new(move |seal| change(seal)) } else { Box::new(|_| {}) };
        forge.commit(rows);
    }
    forge.audit(None).findings.iter().map(|finding| (finding.code, finding.index)).collect()
}

#[test]
fn a_seal_that_names_another_map_is_found_at_that_seal() {
    assert_eq!(with_a_seal(|seal| seal.map_root[0] ^= 1), [(FindingCode::MapWrong, Some(407))]);
}

#[test]
fn a_map_that_is_wrong_from_some_commit_on_is_one_finding() {
    let mut forge = Forge::new();
    forge.change_seal = Box::new(|seal| seal.map_root = [1; 32]);
    for rows in COMMITS {
        forge.commit(rows);
    }
    let report = forge.audit(None);
    let [finding] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
    assert_eq!((finding.code, finding.index), (FindingCode::MapWrong, Some(0)));
}

#[test]
fn a_seal_that_counts_its_commit_wrongly_is_found() {
    for change in [
        (|seal| seal.first_index += 1) as fn(&mut Seal),
        |seal| seal.rows += 1,
        |seal| seal.previous_seal_index -= 1,
        |seal| seal.previous_seal_index = Seal::NONE,
    ] {
        assert_eq!(with_a_seal(change), [(FindingCode::SealWrong, Some(407))]);
    }
}

#[test]
fn a_clock_that_was_set_back_is_no_finding() {
    assert_eq!(with_a_seal(|seal| seal.time_us = 1), []);
}

#[test]
fn a_row_that_the_signer_left_out_has_no_leaf() {
    for left_out in [2, 3, 100, 402] {
        let mut forge = Forge::new();
        forge.left_out = Some(left_out);
        forge.commit(0);
        forge.commit(3);
        // Row 3 is the first of this commit, row 402 its last.
        forge.commit(400);
        forge.commit(5);
        let report = forge.audit(None);
        let [finding] = report.findings.as_slice() else { panic!("{left_out}: {:#?}", report.findings) };
        let row = i64::try_from(left_out).unwrap();
        assert_eq!((finding.code, finding.row_seq), (FindingCode::RowWithoutLeaf, Some(row)), "{finding:?}");
        assert!(finding.row_id.is_some());
    }
}

#[test]
fn a_checkpoint_that_this_log_does_not_extend_is_a_fork() {
    let (mut other, mut forge) = (Forge::new(), Forge::new());
    other.commit(0);
    other.commit(5);
    forge.commit(0);
    forge.commit(5);
    // Rows have random keys, so that no two histories are the same.
    let report = forge.audit(Some(&other.notes()[1]));
    let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [FindingCode::Fork]);
    assert!(report.since.is_some_and(|since| !since.extends));
    let odd = {
        let mut other = Forge::new();
        other.commit(3);
        other.notes()[0].clone()
    };
    assert_eq!(forge.audit(Some(&odd)).findings[0].code, FindingCode::Fork);
}

#[test]
fn an_older_copy_is_sound_in_itself_and_a_fork_to_who_knows_a_newer_checkpoint() {
    let mut forge = Forge::sound();
    let backup = tempfile::tempdir().unwrap();
    forge.back_up(backup.path());
    forge.commit(10);
    let newest = forge.newest().to_owned();
    assert!(forge.audit(Some(&newest)).since.is_some_and(|since| since.extends));
    for table in ["commits", "leaves", "tiles", "map_pages", "row_keys", "intercepts"] {
        let connection = forge.open();
        connection.execute("ATTACH ?1 AS old", [backup.path().join("vouchsafe.db").to_str().unwrap()]).unwrap();
        connection
            .execute_batch(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM old.{table}"))
            .unwrap();
    }
    assert_eq!(forge.audit(None).findings, []);
    let report = forge.audit(Some(&newest));
    let [finding] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
    assert_eq!(finding.code, FindingCode::Fork);
    assert!(finding.message.contains("540 leaves"), "{}", finding.message);
}

#[test]
fn an_older_checkpoint_that_no_known_key_signed_is_refused_not_judged() {
    let mut other = Forge::new();
    other.key = SigningKey::from_seed(&[8; 32]);
    other.commit(0);
    let forge = Forge::sound();
    for note in [other.notes()[0].as_str(), "nothing"] {
        let options = AuditOptions { known: forge.known(), since: Some(note.into()) };
        assert_eq!(forge.read(|reader| audit(reader, &options, &|_, _| {})).unwrap_err().code(), "INVALID_OPTION");
    }
}
