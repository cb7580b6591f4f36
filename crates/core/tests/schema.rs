//! JSON Schema as claims use it.

use serde_json::{Map, Value, json};
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
fn a_schema_of_an_older_draft_is_read_as_the_newest() {
    let older =
        |keyword: &str, value: Value| json!({"$schema": "http://json-schema.org/draft-07/schema#", keyword: value});
    assert!(Schema::compile(&older("items", json!([true]))).is_err());
    let mut sibling = older("$ref", json!("#/$defs/a"));
    sibling["$defs"] = json!({"a": true});
    sibling["type"] = json!("number");
    assert!(!matches(&sibling, &json!("text")));
}

#[test]
fn local_references_work() {
    let schema = json!({"$ref": "#/$defs/n", "$defs": {"n": {"type": "number"}}});
    assert!(matches(&schema, &json!(1)));
    assert!(!matches(&schema, &json!("1")));
}

#[test]
fn references_reach_places_anchors_and_the_schemas_own_address() {
    for (reference, id) in [
        ("#/$defs/a~1b/items", ""),
        ("#n", ""),
        ("#/$defs/a%7E1b/items", "https://a.example/s"),
        ("https://a.example/s#n", "https://a.example/s"),
    ] {
        let definitions = json!({"a/b": {"items": {"$anchor": "n", "type": "number"}}});
        let mut schema = json!({"properties": {"a": {"$ref": reference}}, "$defs": definitions});
        if !id.is_empty() {
            schema["$id"] = json!(id);
        }
        assert!(matches(&schema, &json!({"a": 1})), "{reference}");
        assert!(!matches(&schema, &json!({"a": "1"})), "{reference}");
    }
}

#[test]
fn a_reference_that_never_goes_into_the_value_is_refused() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
        json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}),
        json!({"not": {"$ref": "#"}}),
        json!({"$dynamicAnchor": "x", "$dynamicRef": "#x"}),
    ] {
        let error = Schema::compile(&schema).expect_err("it never ends").to_string();
        assert!(error.contains("without going into the value"), "{error}");
    }
}

/// A list in a list, and so on.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |value, _| json!([value]))
}

#[test]
fn a_schema_that_describes_trees_is_checked_at_any_depth() {
    let tree = Schema::compile(&json!({"$dynamicAnchor": "node", "anyOf": [{"type": "number"}, {
        "properties": {"left": {"$dynamicRef": "#node"}, "right": {"$ref": "#"}},
        "additionalProperties": {"$ref": "#"},
        "prefixItems": [{"$ref": "#"}],
        "items": {"$ref": "#"},
    }]}))
    .expect("it compiles");
    let leaning = (0..120).fold(json!(1), |value, _| json!({"left": value, "right": 2, "other": 3}));
    let full = (0..12).fold(json!(1), |value, _| json!({"left": value, "right": value}));
    for value in [leaning, full, nested(120)] {
        assert!(tree.is_affordable(&value));
        assert_eq!(tree.check(&value), Ok(()));
    }
}

#[test]
fn a_schema_that_multiplies_is_too_expensive_and_found_so_at_once() {
    let doubled = |n: usize| {
        let mut definitions: Map<String, Value> = (0..n)
            .map(|n| (n.to_string(), json!({"allOf": vec![json!({"$ref": format!("#/$defs/{}", n + 1)}); 2]})))
            .collect();
        definitions.insert(n.to_string(), json!({"type": "number"}));
        Schema::compile(&json!({"$ref": "#/$defs/0", "$defs": definitions})).expect("it compiles")
    };
    assert!(doubled(10).is_affordable(&json!(1)));
    assert!(!doubled(60).is_affordable(&json!(1)));
    for inside in ["items", "contains", "unevaluatedItems"] {
        let schema = json!({inside: {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}});
        let schema = Schema::compile(&schema).expect("it compiles");
        assert!(schema.is_affordable(&nested(10)), "{inside}");
        assert!(!schema.is_affordable(&nested(60)), "{inside}");
    }
}

#[test]
fn a_schema_that_is_large_beyond_use_is_refused() {
    let patterns = |n: usize| json!({"patternProperties": (0..n).map(|n| (format!("(\\w{{1,200}}){n}"), json!(true))).collect::<Map<_, _>>()});
    let properties =
        |n: usize| json!({"properties": (0..n).map(|n| (n.to_string(), json!(true))).collect::<Map<_, _>>()});
    let choices =
        |n: usize| (0..n).fold(json!(true), |schema, _| json!({"anyOf": [schema], "unevaluatedProperties": false}));
    assert!(Schema::compile(&patterns(32)).is_ok());
    assert!(Schema::compile(&properties(999)).is_ok());
    assert!(Schema::compile(&choices(5)).is_ok());
    for (schema, message) in [
        (patterns(33), "more than 32 regular expressions"),
        (properties(1000), "more than 1000 schemas"),
        (choices(60), "unevaluated"),
        (json!({"pattern": "(a{1000}){1000}"}), "too large"),
        (json!({"items": {"$id": "https://a.example/s"}}), "`$id`"),
        (json!({"items": {"$schema": "http://json-schema.org/draft-07/schema#"}}), "`$schema`"),
        (json!({"$ref": "#/$defs/a"}), "no place in this schema"),
    ] {
        let error = Schema::compile(&schema).expect_err(message).to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_large_value_that_matches_no_choice_is_refused_without_going_over_it_again() {
    let schema = json!({"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#"}}]});
    let schema = Schema::compile(&schema).expect("it compiles");
    let value = (0..100).fold(Value::Array(vec![json!(null); 20_000]), |value, _| json!([value, 1]));
    assert!(schema.is_affordable(&value));
    assert!(schema.check(&value).expect_err("1 is not null").contains("large"));
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
