//! JSON Schema as claims use it.

use serde_json::{Value, json};
use vouchsafe_core::schema::Schema;

fn matches(schema: &Value, value: &Value) -> bool {
    Schema::compile(schema).expect("the schema compiles").check(value).is_ok()
}

#[test]
fn a_value_is_checked_against_draft_2020_12() {
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 3}}});
    assert!(matches(&schema, &json!({"a": 3})));
    assert!(!matches(&schema, &json!({"a": 2})));
    assert!(!matches(&schema, &json!({})));
    assert!(matches(&json!({"prefixItems": [{"const": 1}], "items": false}), &json!([1])));
    assert!(matches(&json!(true), &json!(null)));
    assert!(!matches(&json!(false), &json!(null)));
}

#[test]
fn numbers_beyond_doubles_keep_their_value() {
    let number = |token: &str| serde_json::from_str::<Value>(token).expect("a number");
    let schema = json!({"const": number("9007199254740993")});
    assert!(matches(&schema, &number("9007199254740993")));
    assert!(!matches(&schema, &number("9007199254740992")));
    assert!(matches(&json!({"type": "integer"}), &number("1.0")));
    assert!(matches(&json!({"const": 1}), &number("1.0")));
    assert!(!matches(&json!({"maximum": 10}), &number("1e400")));
    assert!(!matches(&json!({"maximum": 10}), &number("1e99999999999999999999")));
    assert!(matches(&json!({"multipleOf": 0.1}), &number("0.3")));
}

#[test]
fn a_remote_reference_is_refused() {
    for reference in ["https://example.com/schema.json", "file:///etc/passwd", "other.json"] {
        assert!(Schema::compile(&json!({"$ref": reference})).is_err(), "{reference}");
    }
}

#[test]
fn local_references_work() {
    let schema = json!({"$ref": "#/$defs/n", "$defs": {"n": {"type": "number"}}});
    assert!(matches(&schema, &json!(1)));
    assert!(!matches(&schema, &json!("1")));
}

#[test]
fn a_reference_to_itself_ends() {
    assert!(matches(&json!({"$ref": "#"}), &json!(1)));
    let pair = json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}});
    let _ = Schema::compile(&pair).map(|schema| schema.check(&json!(1)));
    let all = json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]});
    let _ = Schema::compile(&all).map(|schema| schema.check(&json!(1)));
    let not = json!({"not": {"$ref": "#"}});
    let _ = Schema::compile(&not).map(|schema| schema.check(&json!(1)));
    let dynamic = json!({"$dynamicAnchor": "x", "$dynamicRef": "#x"});
    let _ = Schema::compile(&dynamic).map(|schema| schema.check(&json!(1)));
}

#[test]
fn patterns_run_in_linear_time() {
    let schema = json!({"pattern": "^(a+)+$"});
    assert!(!matches(&schema, &json!(format!("{}b", "a".repeat(50_000)))));
    assert!(Schema::compile(&json!({"pattern": "(?=a)b"})).is_err());
}

#[test]
fn the_reason_names_the_place() {
    let schema = Schema::compile(&json!({"properties": {"a": {"type": "string"}}})).expect("it compiles");
    let reason = schema.check(&json!({"a": 1})).expect_err("1 is no string");
    assert!(reason.contains("/a"), "{reason}");
}
