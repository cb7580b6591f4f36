//! Rules of the bundle: what it proves, and that nothing in it can be changed unseen.

use crate::tiles_in_memory::MemoryTiles;
use crate::vectors::{ROWS, bytes, hash, list, number, parse, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vouchsafe_core::query::Query;
use vouchsafe_core::row::Row;
use vouchsafe_ledger::log::inclusion_proof;
use vouchsafe_ledger::{
    Appender, Bundle, BundleError, BundleRow, Checkpoint, DisclosedField, DisclosedFields, NoteError, Seal, SealProof,
    SigningKey, leaf_hash,
};

/// The known rows, committed: a seal, 13 rows, a seal.
struct Log {
    tiles: MemoryTiles,
    key: SigningKey,
    checkpoint: Checkpoint,
}

fn committed() -> Log {
    let mut appender = Appender::default();
    let seals = list(&ROWS["seals"]);
    for case in [&seals[..1], list(&ROWS["rows"]), &seals[1..]].concat() {
        appender.push(leaf_hash(&bytes(&case["leaf"])));
    }
    let tiles = MemoryTiles::default();
    tiles.write(&mut appender);
    let key = SigningKey::from_seed(&[7; 32]);
    let checkpoint = Checkpoint { origin: key.name().to_owned(), size: appender.size(), root: appender.root() };
    Log { tiles, key, checkpoint }
}

impl Log {
    fn seal(&self) -> SealProof {
        SealProof { index: 14, leaf: bytes(&ROWS["seals"][1]["leaf"]), proof: self.proof(14) }
    }

    fn proof(&self, index: u64) -> Vec<[u8; 32]> {
        inclusion_proof(&self.tiles, index, self.checkpoint.size).unwrap()
    }

    fn row(&self, number_of_row: usize) -> BundleRow {
        let case = &ROWS["rows"][number_of_row];
        let index = number_of_row as u64 + 1;
        let disclosed = |name: &str| {
            let bytes = STANDARD.decode(case["fields"].get(name)?.as_str()?).unwrap();
            Some(DisclosedField { bytes, key: hash(&case["field_keys"][name]).unwrap() })
        };
        BundleRow {
            index,
            row_seq: number(&case["row_seq"]),
            time_us: number(&case["time_us"]),
            row: parse::<Row>(&case["row"]),
            fields: DisclosedFields {
                response: disclosed("response"),
                request: disclosed("request"),
                request_headers: disclosed("request_headers"),
                response_headers: disclosed("response_headers"),
                url: disclosed("url"),
            },
            proof: self.proof(index),
        }
    }

    fn bundle(&self, number_of_row: usize) -> Bundle {
        let id = text(&ROWS["rows"][number_of_row]["row"]["id"]).to_owned();
        Bundle::new(Query::Row { row: id }, vec![self.row(number_of_row)])
    }

    /// A bundle that stands alone.
    fn whole(&self, number_of_row: usize) -> Bundle {
        let mut bundle = self.bundle(number_of_row);
        bundle.checkpoint = Some(self.checkpoint.sign(&self.key));
        bundle.seal = Some(self.seal());
        bundle
    }

    fn check(&self, bundle: &Bundle) -> Result<usize, BundleError> {
        bundle.check(&self.checkpoint, &self.seal()).map(|checked| checked.rows.len())
    }
}

fn json_of(bundle: &Bundle) -> Value {
    serde_json::to_value(bundle).unwrap()
}

#[test]
fn every_row_and_field_of_a_log_is_proven_from_the_bundles_text_alone() {
    let log = committed();
    for number_of_row in 0..13 {
        let json = serde_json::to_string(&log.whole(number_of_row)).unwrap();
        let bundle = Bundle::parse(&json).unwrap();
        let opened = bundle.open(&[log.key.verifier()]).unwrap();
        let case = &ROWS["rows"][number_of_row];
        assert_eq!(opened.rows[0].row.canonical(), text(&case["canonical"]));
        assert_eq!(opened.rows[0].fields.iter().count(), case["fields"].as_object().unwrap().len());
        assert_eq!(opened.seal, Seal::decode(&bytes(&ROWS["seals"][1]["leaf"])).unwrap());
        assert_eq!(serde_json::to_string(&bundle).unwrap(), json);
    }
}

#[test]
fn the_rows_of_an_action_are_proven_together_and_in_order_only() {
    let log = committed();
    let query = Query::Action {
        action: "GET api.example.com/v1/price".to_owned(),
        agent: "_default".to_owned(),
        run: Some("run-1".to_owned()),
    };
    let rows = |numbers: &[usize]| numbers.iter().map(|number| log.row(*number)).collect();
    assert_eq!(log.check(&Bundle::new(query.clone(), rows(&[0, 2, 5]))), Ok(3));
    for disorder in [&[2, 0][..], &[2, 2]] {
        let refused = log.check(&Bundle::new(query.clone(), rows(disorder)));
        assert!(matches!(refused, Err(BundleError::Malformed(_))), "{refused:?}");
    }
    let stranger = log.check(&Bundle::new(query, rows(&[0, 8]))).unwrap_err();
    assert!(matches!(stranger, BundleError::Malformed(_)), "{stranger}");
}

#[test]
fn a_withheld_field_takes_nothing_from_the_proof() {
    let log = committed();
    let mut bundle = log.bundle(0);
    bundle.rows[0].fields = DisclosedFields::default();
    assert_eq!(log.check(&bundle), Ok(1));
}

#[test]
fn no_value_anywhere_in_a_bundle_can_be_changed_unseen() {
    let log = committed();
    let original = json_of(&log.whole(0));
    let mut places = Vec::new();
    collect_places(&original, String::new(), &mut places);
    assert!(places.len() > 50);
    for place in places {
        let mut changed = original.clone();
        let value = changed.pointer_mut(&place).unwrap();
        *value = altered(value);
        let bundle = Bundle::parse(&changed.to_string());
        let opened = bundle.as_ref().map_err(BundleError::clone).and_then(|bundle| bundle.open(&[log.key.verifier()]));
        assert!(opened.is_err(), "{place} changed to {}", changed.pointer(&place).unwrap());
    }
}

fn collect_places(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| collect_places(value, format!("{place}/{key}"), places));
        }
        Value::Array(items) if !items.is_empty() => {
            (0..items.len()).for_each(|item| collect_places(&items[item], format!("{place}/{item}"), places));
        }
        _ => places.push(place),
    }
}

/// Another value of the same form, as far as there is one.
fn altered(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let (first, rest) = text.split_at(1);
            json!(format!("{}{rest}", if first == "1" { "2" } else { "1" }))
        }
        Value::Number(_) => json!(number(value) + 1),
        Value::Bool(bool) => json!(!bool),
        Value::Null => json!("x"),
        _ => json!(["x"]),
    }
}

#[test]
fn a_changed_row_field_seal_or_proof_is_evidence_of_a_change() {
    let log = committed();
    for (place, value) in [
        ("/rows/0/row/action_name", json!("GET api.example.com/v1/prices")),
        ("/rows/0/row/id", json!("00000000-0000-7000-8000-000000000001")),
        ("/rows/0/row/status", json!(201)),
        ("/rows/0/row_seq", json!("1")),
        ("/rows/0/time_us", json!("1790000000020001")),
        ("/rows/0/index", json!("2")),
        ("/rows/0/fields/response/bytes", json!(STANDARD.encode(r#"{"price":43}"#))),
        ("/rows/0/fields/response/key", json!(STANDARD.encode([0; 32]))),
        ("/rows/0/fields/request", json!({"bytes": "", "key": STANDARD.encode([0; 32])})),
        ("/rows/0/proof/0", json!(STANDARD.encode([0; 32]))),
        ("/seal/leaf", json!(STANDARD.encode([2; 65]))),
        ("/seal/proof/0", json!(STANDARD.encode([0; 32]))),
    ] {
        let mut changed = json_of(&log.whole(0));
        let (parent, key) = place.rsplit_once('/').unwrap();
        let parent = changed.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) => items[0] = value,
            _ => parent[key] = value,
        }
        let error = Bundle::parse(&changed.to_string()).unwrap().open(&[log.key.verifier()]).unwrap_err();
        assert!(error.is_proof_invalid(), "{place}: {error}");
    }
}

#[test]
fn a_proof_that_is_missing_or_cut_says_nothing_about_the_row() {
    let log = committed();
    let mut cut = log.bundle(0);
    cut.rows[0].proof.pop();
    let mut beyond = log.bundle(0);
    beyond.rows[0].index = 15;
    let other_question = Bundle::new(Query::Row { row: "another".to_owned() }, log.bundle(0).rows);
    for bundle in [cut, beyond, other_question] {
        let error = log.check(&bundle).unwrap_err();
        assert!(matches!(error, BundleError::Malformed(_)) && !error.is_proof_invalid(), "{error}");
    }
    let known = [log.key.verifier()];
    assert_eq!(log.bundle(0).open(&known).unwrap_err(), BundleError::Missing("checkpoint"));
    let mut sealless = log.whole(0);
    sealless.seal = None;
    assert_eq!(sealless.open(&known).unwrap_err(), BundleError::Missing("seal"));
}

#[test]
fn a_seal_that_is_not_the_last_leaf_is_refused() {
    let log = committed();
    let first = SealProof { index: 0, leaf: bytes(&ROWS["seals"][0]["leaf"]), proof: log.proof(0) };
    let row = SealProof { leaf: bytes(&ROWS["rows"][12]["leaf"]), ..log.seal() };
    for seal in [first, row] {
        assert!(matches!(log.bundle(0).check(&log.checkpoint, &seal), Err(BundleError::Malformed(_))));
    }
    let empty = Checkpoint { size: 0, ..log.checkpoint.clone() };
    assert!(log.bundle(0).check(&empty, &log.seal()).is_err());
}

#[test]
fn only_a_failed_signature_of_a_known_key_accuses_the_checkpoint() {
    let log = committed();
    let stranger = log.whole(0).open(&[SigningKey::generate().verifier()]).unwrap_err();
    assert!(matches!(stranger, BundleError::Checkpoint(NoteError::UnknownSigner(_))) && !stranger.is_proof_invalid());
    let mut forged = log.whole(0);
    forged.checkpoint = forged.checkpoint.map(|note| note.replace("\n15\n", "\n16\n"));
    assert!(forged.open(&[log.key.verifier()]).unwrap_err().is_proof_invalid());
}

#[test]
fn json_of_another_form_is_refused() {
    let log = committed();
    let json = serde_json::to_string(&log.whole(0)).unwrap();
    let response_key = STANDARD.encode(log.row(0).fields.response.unwrap().key);
    let unpadded = response_key.trim_end_matches('=');
    for (from, to) in [
        ("{\"v\":1,", "{\"v\":2,"),
        ("{\"v\":1,", "{"),
        ("{\"v\":1,", "{\"v\":1,\"v\":1,"),
        ("{\"v\":1,", "{\"v\":1,\"map\":{\"path\":[]},"),
        ("\"index\":\"1\"", "\"index\":\"01\""),
        ("\"index\":\"1\"", "\"index\":1"),
        ("\"index\":\"1\"", "\"index\":\"1\",\"index\":\"1\""),
        ("\"fields\":{", "\"fields\":{\"wire\":null,"),
        ("\"fields\":{", "\"fields\":{\"request\":null,"),
        ("\"schema\":1", "\"schema\":1,\"extra\":0"),
        (response_key.as_str(), unpadded),
        ("\"rows\":[{", "\"rows\":[{\"leaf_hash\":\"\","),
    ] {
        assert!(json.contains(from), "{from}");
        assert!(matches!(Bundle::parse(&json.replacen(from, to, 1)), Err(BundleError::Malformed(_))), "{to}");
    }
    assert!(Bundle::parse(&json.replacen("\"seal\":{", "\"seal\":null,\"x\":{", 1)).is_err());
    let seal = serde_json::to_value(log.seal()).unwrap();
    let as_list = json!([seal["index"], seal["leaf"], seal["proof"]]).to_string();
    assert!(serde_json::from_str::<SealProof>(&seal.to_string()).is_ok());
    assert!(serde_json::from_str::<SealProof>(&as_list).is_err());
}
