//! Known answers of our own formats, made by a program that shares no code with this one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use vouchsafe_core::commitment::{Field, RowKey, commit};
use vouchsafe_core::hash::Hash;
use vouchsafe_core::response_hash::{hashed_text, response_hash};
use vouchsafe_core::row::Row;
use vouchsafe_core::tag::{map_keys, tag};

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors/rows.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn hash(digits: &Value) -> Hash {
    hex::decode(digits.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn bytes(base64: &Value) -> Vec<u8> {
    STANDARD.decode(base64.as_str().unwrap()).unwrap()
}

fn row(case: &Value) -> Row {
    serde_json::from_str(&case["row"].to_string()).unwrap()
}

#[test]
fn every_row_encodes_and_hashes_as_the_vectors_say() {
    for case in vectors("rows") {
        let row = row(&case);
        assert_eq!(row.canonical(), case["canonical"].as_str().unwrap());
        assert_eq!(row.hash(), hash(&case["row_hash"]));
        assert_eq!(serde_json::from_str::<Row>(&row.canonical()).unwrap(), row);
    }
}

#[test]
fn every_field_of_a_row_is_committed_to_as_the_vectors_say() {
    let fields = [Field::Url, Field::Request, Field::RequestHeaders, Field::Response, Field::ResponseHeaders];
    for case in vectors("rows") {
        let key = RowKey(hash(&case["row_key"]));
        for field in fields {
            let Some(stored) = case["fields"].get(field.name()) else { continue };
            let field_key = key.field_key(field);
            assert_eq!(field_key, hash(&case["field_keys"][field.name()]));
            let commitment = commit(&field_key, &bytes(stored));
            assert_eq!(commitment, hash(&case["row"][format!("c_{}", field.name())]));
        }
    }
}

#[test]
fn rows_are_listed_in_the_map_under_the_keys_of_the_vectors() {
    for case in vectors("rows") {
        let expected: Vec<Hash> =
            ["K1", "K2", "K3", "K4"].iter().filter_map(|key| case["map_keys"].get(key)).map(hash).collect();
        assert_eq!(map_keys(&row(&case)), expected);
    }
}

#[test]
fn tags_are_those_of_the_vectors() {
    for case in vectors("tags") {
        let parts: Vec<_> = case["parts"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
        assert_eq!(tag(case["name"].as_str().unwrap(), &parts), hash(&case["tag"]), "{case}");
    }
}

#[test]
fn response_hashes_are_those_of_python() {
    let cases = vectors("response_hashes");
    assert_eq!(cases.len(), 48);
    for case in cases {
        let body = bytes(&case["body"]);
        assert_eq!(hashed_text(&body), case["hashed_text"].as_str().unwrap());
        assert_eq!(response_hash(&body), case["response_hash"].as_str().unwrap());
    }
}
