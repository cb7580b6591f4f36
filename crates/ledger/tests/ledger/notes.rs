//! Known answers and rules: keys, signed notes, checkpoints, proof files.

use crate::vectors::{TLOG, bytes, list, text};
use serde_json::Value;
use vouchsafe_ledger::{Checkpoint, NoteError, ProofFile, ProofFileError, SigningKey, VerifierKey, note};

fn test_key() -> SigningKey {
    let known = &TLOG["test_key"];
    let seed = bytes(&known["ed25519_seed"]).try_into().unwrap();
    SigningKey::from_seed(&seed).with_origin(text(&known["name"])).unwrap()
}

fn vkey(case: &Value) -> VerifierKey {
    VerifierKey::parse(text(&case["vkey"])).unwrap()
}

#[test]
fn a_key_has_the_known_vkey_and_a_vkey_reads_back_as_itself() {
    let known = &TLOG["test_key"];
    assert_eq!(test_key().verifier().to_string(), text(&known["vkey"]));
    assert_eq!(hex::encode(test_key().verifier().id()), text(&known["key_id_hex"]));
    for vkey in [&known["vkey"], &known["other_vkey"]] {
        assert_eq!(VerifierKey::parse(text(vkey)).unwrap().to_string(), text(vkey));
    }
}

#[test]
fn a_vkey_with_another_id_type_name_or_spelling_is_refused() {
    let good = text(&TLOG["test_key"]["vkey"]);
    for bad in [
        good.replace("0baeef28", "0baeef29"),
        good.replace("0baeef28", "0BAEEF28"),
        good.replace("example.com", "example.org"),
        good.replace("example.com", "example com"),
        good.replace("+AU", "+BU"),
        good.replace("EniL", "EniM"),
        format!("{good}="),
        good.replace("example.com/tlogcheck", ""),
        String::new(),
    ] {
        assert!(VerifierKey::parse(&bad).is_err(), "{bad}");
    }
}

#[test]
fn a_new_key_is_named_by_its_own_hash_and_comes_back_from_its_seed() {
    let key = SigningKey::generate();
    let again = SigningKey::from_seed(&key.seed());
    assert_eq!(again.verifier(), key.verifier());
    assert_ne!(SigningKey::generate().verifier(), key.verifier());
    let digits = key.name().strip_prefix("vouchsafe.local/").unwrap();
    assert!(digits.len() == 16 && digits.chars().all(|digit| matches!(digit, '0'..='9' | 'a'..='f')));
    assert!(!format!("{key:?}").contains(&hex::encode(key.seed())));
    assert!(key.with_origin("two words").is_err());
}

#[test]
fn every_known_checkpoint_is_judged_as_known() {
    let cases = list(&TLOG["checkpoints"]);
    assert_eq!(cases.len(), 25);
    for case in cases {
        let opened = Checkpoint::open(text(&case["note"]), &[vkey(case)]);
        let accepted = opened.as_ref().is_ok_and(|checkpoint| checkpoint.origin == text(&case["origin"]));
        assert_eq!(accepted, case["ok"], "{case}: {opened:?}");
        if accepted && !text(&case["desc"]).contains(" a signature") && !text(&case["desc"]).contains("extension") {
            assert_eq!(opened.unwrap().sign(&test_key()), text(&case["note"]));
        }
    }
}

#[test]
fn a_note_without_a_known_signer_says_who_signed() {
    let checkpoint = Checkpoint { origin: test_key().name().to_owned(), size: 3, root: [7; 32] };
    let stranger = SigningKey::generate().verifier();
    let refused = Checkpoint::open(&checkpoint.sign(&test_key()), &[stranger]);
    assert_eq!(refused, Err(NoteError::UnknownSigner(vec!["example.com/tlogcheck+0baeef28".to_owned()])));
}

#[test]
fn a_known_key_whose_signature_fails_is_named() {
    let checkpoint = Checkpoint { origin: test_key().name().to_owned(), size: 3, root: [7; 32] };
    let note = checkpoint.sign(&test_key()).replace("\n3\n", "\n4\n");
    let refused = Checkpoint::open(&note, &[test_key().verifier()]);
    assert_eq!(refused, Err(NoteError::InvalidSignature("example.com/tlogcheck".to_owned())));
}

#[test]
fn a_known_key_cannot_sign_for_the_log_of_another() {
    let checkpoint = Checkpoint { origin: "example.com/elsewhere".to_owned(), size: 3, root: [7; 32] };
    let note = note::sign(&checkpoint.text(), &test_key());
    assert!(note::open(&note, &[test_key().verifier()]).is_ok());
    assert!(matches!(Checkpoint::open(&note, &[test_key().verifier()]), Err(NoteError::UnknownSigner(_))));
}

#[test]
fn a_witness_is_heard_but_does_not_stand_in_for_the_log() {
    for case in list(&TLOG["cosignatures_v1_ed25519"]) {
        let (note, keys) = (text(&case["note"]), [test_key().verifier(), vkey(case)]);
        let opened = note::open(note, &keys);
        assert_eq!(opened.is_ok_and(|opened| opened.signers.len() == 2), case["ok"], "{case}");
        assert_eq!(Checkpoint::open(note, &keys).is_ok(), case["ok"], "{case}");
        assert!(Checkpoint::open(note, &keys[1..]).is_err(), "{case}");
    }
}

#[test]
fn every_known_proof_file_is_judged_as_known() {
    let cases = list(&TLOG["tlog_proofs"]);
    assert_eq!(cases.len(), 17);
    for case in cases {
        let file = text(&case["tlog_proof"]);
        let verified = ProofFile::parse(file).and_then(|file| file.verify(&bytes(&case["leaf_hex"]), &[vkey(case)]));
        let accepted = verified.as_ref().is_ok_and(|checkpoint| checkpoint.origin == text(&case["origin"]));
        assert_eq!(accepted, case["ok"], "{case}: {verified:?}");
        if accepted && case["desc"] != "valid with extra" {
            assert_eq!(ProofFile::parse(file).unwrap().to_string(), file);
        }
    }
}

#[test]
fn a_text_that_is_no_proof_file_is_refused() {
    for bad in ["", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nindex 01\n\nx", "index 1\n\nx"] {
        assert_eq!(ProofFile::parse(bad), Err(ProofFileError::Malformed), "{bad:?}");
    }
}
