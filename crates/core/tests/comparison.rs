//! Claims are read strictly, and compared by value.

use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe_core::body::parse_json;
use vouchsafe_core::claim::Claim;
use vouchsafe_core::comparison::compare;

fn parse(text: &str) -> Value {
    parse_json(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// `None` where the value supports the claim, else why not.
fn mismatch(claim: &str, actual: &str) -> Option<String> {
    let claim = Claim::parse(&parse(claim), 0).unwrap_or_else(|error| panic!("{claim}: {error}"));
    compare(&parse(actual), &claim.comparator).err().map(|mismatch| mismatch.reason)
}

#[test]
fn a_value_supports_a_claim() {
    for (claim, actual) in [
        (r#"{"equals": 1}"#, "1.0"),
        (r#"{"equals": 1e400}"#, "10e399"),
        (r#"{"equals": 9007199254740993}"#, "9007199254740993"),
        (r#"{"equals": {"bigint": "9007199254740993"}}"#, "9007199254740993"),
        (r#"{"equals": {"a": [{"bigint": "-5"}]}}"#, r#"{"a": [-5]}"#),
        (r#"{"equals": {"bigint": "x"}}"#, r#"{"bigint": "x"}"#),
        (r#"{"equals": null}"#, "null"),
        (r#"{"equals": true}"#, "true"),
        (r#"{"equals": "caf\u00e9"}"#, r#""cafe\u0301""#),
        (r#"{"equals": {"a": 1, "b": ["\u00e9"]}}"#, r#"{"b": ["e\u0301"], "a": 1.00}"#),
        (r#"{"equals": 1e99999999999999999999}"#, "1e99999999999999999999"),
        (r#"{"approx": {"value": 42, "abs": 0.5}}"#, "42.5"),
        (r#"{"approx": {"value": 100, "rel": 0.1}}"#, "[90, 110, 1e2]"),
        (r#"{"approx": {"value": 100, "rel": 0.1, "abs": 50}}"#, "150"),
        (r#"{"approx": {"value": 0.3, "abs": 0}}"#, "0.30"),
        (r#"{"between": {"min": 1, "max": 2}}"#, "2.0"),
        (r#"{"between": {"min": 1}}"#, "1e999999999"),
        (r#"{"between": {"max": -1}}"#, "[-1, -2]"),
        (r#"{"contains": "ell"}"#, r#""hello""#),
        (r#"{"contains": "\u00e9"}"#, r#""cafe\u0301""#),
        (r#"{"contains": 2}"#, "[1, 2.0]"),
        (r#"{"contains": {"a": 1}}"#, r#"[{"a": 1}]"#),
        (r#"{"contains": {"a": 1}}"#, r#"{"a": 1.0, "b": 2}"#),
        (r#"{"matches": {"type": "integer", "minimum": 3}}"#, "3.0"),
        (r#"{"matches": true}"#, "null"),
    ] {
        assert_eq!(mismatch(claim, actual), None, "{claim} {actual}");
    }
}

#[test]
fn a_value_contradicts_a_claim_and_says_what_it_is() {
    for (claim, actual, reason) in [
        (r#"{"equals": 42}"#, "41", "it is 41"),
        (r#"{"equals": 9007199254740993}"#, "9007199254740992", "it is 9007199254740992"),
        (r#"{"equals": 42}"#, r#""42""#, "it is a string \"42\", not a number"),
        (r#"{"equals": true}"#, "1", "it is a number 1, not a boolean"),
        (r#"{"equals": [1, 2]}"#, "[2, 1]", "it is [2,1]"),
        (r#"{"equals": [1]}"#, "[1, 1]", "it is [1,1]"),
        (r#"{"equals": {"a": 1}}"#, r#"{"a": 1, "b": 1}"#, r#"it is {"a":1,"b":1}"#),
        (r#"{"equals": {"a": null}}"#, r#"{"b": null}"#, r#"it is {"b":null}"#),
        (r#"{"equals": "A"}"#, r#""a""#, "it is \"a\""),
        (r#"{"equals": "ﬁ"}"#, r#""fi""#, "it is \"fi\""),
        (r#"{"approx": {"value": 42, "abs": 0.5}}"#, "42.51", "it is 42.51"),
        (
            r#"{"approx": {"value": 42, "abs": 0.5}}"#,
            r#""42""#,
            "it is a string \"42\", and approx needs a JSON number",
        ),
        (r#"{"between": {"min": 1, "max": 2}}"#, r#""1.5""#, "it is a string \"1.5\", and between needs a JSON number"),
        (r#"{"between": {"min": 1, "max": 2}}"#, "true", "it is a boolean true, and between needs a JSON number"),
        (r#"{"between": {"min": 1, "max": 2}}"#, "[1, 3, 2]", "member 1 of the list is 3"),
        (
            r#"{"between": {"min": 1, "max": 2}}"#,
            "[[1]]",
            "member 0 of the list is a list [1], and between needs a JSON number",
        ),
        (r#"{"between": {"min": 1}}"#, "[]", "it is an empty list"),
        (
            r#"{"between": {"min": 1}}"#,
            "1e99999999999999999999",
            "it is 1e+99999999999999999999, whose exponent is too large to compare",
        ),
        (r#"{"contains": "x"}"#, r#""hello""#, "it is \"hello\""),
        (r#"{"contains": "ell"}"#, r#"["hello"]"#, r#"it is ["hello"]"#),
        (r#"{"contains": {"a": {"b": 1}}}"#, r#"{"a": {"b": 1, "c": 2}}"#, r#"it is {"a":{"b":1,"c":2}}"#),
        (r#"{"contains": 4}"#, "42", "it is a number, which cannot contain a number"),
        (r#"{"contains": "a"}"#, r#"{"a": 1}"#, "it is an object, which cannot contain a string"),
        (r#"{"matches": {"type": "string"}}"#, "1", "it does not: 1 is not of type \"string\""),
    ] {
        assert_eq!(mismatch(claim, actual).as_deref(), Some(reason), "{claim} {actual}");
    }
}

#[test]
fn long_values_are_shortened_in_words() {
    let reason = mismatch(r#"{"equals": 1}"#, &format!("\"{}\"", "x".repeat(100_000))).expect("a mismatch");
    assert!(reason.len() < 300 && reason.contains('…'), "{}", reason.len());
}

#[test]
fn a_claim_that_is_not_one_is_refused_with_its_key() {
    for (claim, key) in [
        ("[]", ""),
        ("{}", ""),
        (r#"{"path": "$.a"}"#, ""),
        (r#"{"equals": 1, "contains": 1}"#, "contains"),
        (r#"{"equals": 1, "equal": 1}"#, "equal"),
        (r#"{"equals": 1, "path": "$["}"#, "path"),
        (r#"{"equals": 1, "path": 1}"#, "path"),
        (r#"{"equals": 1, "part": "trailers"}"#, "part"),
        (r#"{"equals": 1, "rowId": null}"#, "rowId"),
        (r#"{"equals": 1, "callRef": ""}"#, "callRef"),
        (r#"{"equals": 1, "maxAgeMs": -1}"#, "maxAgeMs"),
        (r#"{"equals": 1, "maxAgeMs": "1"}"#, "maxAgeMs"),
        (r#"{"approx": 1}"#, "approx"),
        (r#"{"approx": {"value": 1}}"#, "approx"),
        (r#"{"approx": {"abs": 1}}"#, "approx.value"),
        (r#"{"approx": {"value": "1", "abs": 1}}"#, "approx.value"),
        (r#"{"approx": {"value": 1, "abs": -1}}"#, "approx.abs"),
        (r#"{"approx": {"value": 1, "rel": -1}}"#, "approx.rel"),
        (r#"{"approx": {"value": 1, "abs": 1, "tolerance": 1}}"#, "approx.tolerance"),
        (r#"{"approx": {"value": 1e99999999999999999999, "abs": 1}}"#, "approx.value"),
        (r#"{"between": {}}"#, "between"),
        (r#"{"between": {"min": 2, "max": 1}}"#, "between.min"),
        (r#"{"between": [1, 2]}"#, "between"),
        (r#"{"matches": {"type": "nonsense"}}"#, "matches"),
        (r#"{"matches": {"$ref": "https://example.com/s"}}"#, "matches"),
        (r#"{"matches": 1}"#, "matches"),
    ] {
        let error = Claim::parse(&parse(claim), 3).expect_err(claim);
        assert_eq!((error.key.as_str(), error.position, error.code()), (key, 3, "invalid_claim"), "{claim}: {error}");
    }
    let long = format!(r#"{{"approx": {{"value": 1, "rel": 0.{}}}}}"#, "1".repeat(100));
    assert_eq!(Claim::parse(&parse(&long), 0).expect_err("too many digits").key, "approx.rel");
    let deep = (0..200).fold(json!(1), |inside, _| json!([inside]));
    assert_eq!(Claim::parse(&json!({"equals": deep}), 0).expect_err("too deep").key, "equals");
}

#[test]
fn a_claim_keeps_its_json() {
    let json =
        json!({"callRef": "ABC", "equals": {"bigint": "9007199254740993"}, "text": "It is so.", "maxAgeMs": 1e3});
    let claim = Claim::parse(&json, 0).expect("it parses");
    assert_eq!(serde_json::to_value(&claim).expect("JSON"), json);
    assert_eq!(serde_json::from_value::<Claim>(json).expect("it parses").max_age_ms, Some(1000));
    assert_eq!(claim.call_ref.as_deref(), Some("abc"));
}

#[test]
fn the_first_selector_counts() {
    let query = |json: Value| Claim::parse(&json, 0).expect("it parses").query("a", Some("r")).canonical();
    let all = json!({"equals": 1, "rowId": "1", "callRef": "2", "toolCallId": "3", "action": "4", "agentId": "5"});
    let without = |keys: &[&str]| {
        let mut claim = all.clone();
        claim.as_object_mut().expect("an object").retain(|key, _| !keys.contains(&key.as_str()));
        claim
    };
    assert_eq!(query(all.clone()), r#"{"row":"1"}"#);
    assert_eq!(query(without(&["rowId"])), r#"{"call":"2"}"#);
    assert_eq!(query(without(&["rowId", "callRef"])), r#"{"toolCall":"3"}"#);
    assert_eq!(query(without(&["rowId", "callRef", "toolCallId"])), r#"{"action":"4","agent":"5","run":"r"}"#);
    assert_eq!(query(json!({"equals": 1})), r#"{"agent":"a","run":"r"}"#);
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..5).prop_map(|entries| entries.into_iter().collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_equals_itself_and_its_text(value in values()) {
        let claim = Claim::parse(&json!({"equals": value}), 0).expect("it parses");
        prop_assert_eq!(compare(&value, &claim.comparator), Ok(()));
        prop_assert_eq!(compare(&parse(&value.to_string()), &claim.comparator), Ok(()));
    }

    #[test]
    fn equality_is_symmetric(left in values(), right in values()) {
        let claim = |value: &Value| Claim::parse(&json!({"equals": value}), 0).expect("it parses").comparator;
        prop_assert_eq!(compare(&left, &claim(&right)).is_ok(), compare(&right, &claim(&left)).is_ok());
    }

    #[test]
    fn a_list_contains_each_of_its_members(list in prop::collection::vec(values(), 1..5)) {
        for member in &list {
            let claim = Claim::parse(&json!({"contains": member}), 0).expect("it parses");
            prop_assert_eq!(compare(&json!(list), &claim.comparator), Ok(()));
        }
    }
}
