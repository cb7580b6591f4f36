//! Claims of the payload, ours and other SDKs'.

use serde_json::{Value, json};
use vouchsafe_core::claim::Claim;
use vouchsafe_core::comparison::compare;
use vouchsafe_core::wire_claim::WireClaim;

fn wire(json: Value) -> WireClaim {
    serde_json::from_value(json).expect("a wire claim")
}

/// Whether each claim of a wire claim is supported by its actual value.
fn supported(json: Value, actual: &[Value]) -> Vec<bool> {
    let claims = wire(json).claims(0).expect("it says something");
    assert_eq!(claims.len(), actual.len());
    claims.iter().zip(actual).map(|(claim, actual)| compare(actual, &claim.comparator).is_ok()).collect()
}

#[test]
fn the_keys_are_written_in_their_order() {
    let claim = Claim::parse(&json!({"callRef": "c", "path": "$.a", "equals": {"bigint": "5"}}), 0).expect("a claim");
    assert_eq!(
        serde_json::to_string(&WireClaim::of(&claim, None)).expect("JSON"),
        concat!(
            r#"{"trace_intercept_id":null,"action_name":null,"call_ref":"c","claimed_value":[{"path":"$.a","value":"5"}],"#,
            r#""request_payload":{},"response_payload":null,"query_id":null,"verification_mode":"field_extraction","#,
            r#""json_path":"","expected_json_schema":null,"range_min":null,"range_max":null,"#,
            r#""claim":{"callRef":"c","equals":{"bigint":"5"},"path":"$.a"}}"#
        )
    );
}

#[test]
fn the_wire_says_what_it_can() {
    for (claim, mode) in [
        (json!({"action": "a", "equals": 1}), Some("field_extraction")),
        (json!({"action": "a", "between": {"min": 1}}), Some("range_threshold")),
        (json!({"action": "a", "matches": {"type": "number"}}), Some("schema_type")),
        (json!({"action": "a", "path": "$.items[1].price", "equals": 1}), Some("field_extraction")),
        (json!({"action": "a", "equals": null}), None),
        (json!({"action": "a", "path": "$.items[*].price", "equals": [1]}), None),
        (json!({"action": "a", "path": "$['a.b']", "equals": 1}), None),
        (json!({"action": "a", "contains": 1}), None),
        (json!({"action": "a", "approx": {"value": 1, "abs": 1}}), None),
        (json!({"action": "a", "part": "status", "equals": 200}), None),
    ] {
        let ours = Claim::parse(&claim, 0).expect("a claim");
        let wire = WireClaim::of(&ours, None);
        assert_eq!(wire.verification_mode.as_deref(), mode, "{claim}");
        let text = serde_json::to_string(&wire).expect("JSON");
        let back = serde_json::from_str::<WireClaim>(&text).expect("a wire claim");
        assert_eq!(back, wire);
        assert_eq!(back.claims(0).expect("our own claim")[0].json(), &claim);
    }
}

#[test]
fn values_are_stated_as_the_wires_readers_compare_them() {
    let wire = |claim: Value, actual: Option<Value>| {
        WireClaim::of(&Claim::parse(&claim, 0).expect("a claim"), actual.as_ref()).claimed_value
    };
    for (value, text) in [
        (json!(true), "True"),
        (json!(1.50), "1.5"),
        (json!("x"), "x"),
        (json!({"b": 1, "a": [2]}), r#"{"a": [2], "b": 1}"#),
    ] {
        let stated = wire(json!({"path": "a[0]", "equals": value}), None);
        assert_eq!(stated, json!([{"path": "$.a[0]", "value": text}]));
    }
    let between = json!({"path": "a", "between": {"min": 1}});
    for (actual, stated) in [
        (Some(json!(2.5)), json!(2.5)),
        (Some(json!([1, 2])), json!(1.5)),
        (Some(json!([])), json!(null)),
        (Some(json!("2")), json!(null)),
        (None, json!(null)),
    ] {
        assert_eq!(wire(between.clone(), actual.clone()), stated, "{actual:?}");
    }
}

#[test]
fn field_extraction_compares_as_python_writes() {
    let list = |value: Value| json!({"call_ref": "c", "claimed_value": [{"path": "a", "value": value}]});
    for (claimed, actual, same) in [
        (json!("True"), json!(true), true),
        (json!(true), json!("True"), true),
        (json!(null), json!("None"), true),
        (json!(1e16), json!("1e+16"), true),
        (json!(1.0), json!(1), false),
        (json!("1"), json!(1), true),
        (json!(" x "), json!("x"), true),
        (json!({"b": 1, "a": [2]}), json!({"a": [2], "b": 1}), true),
        (json!({"a": 1}), json!({"a": 1.0}), false),
        (json!("x"), json!("y"), false),
    ] {
        assert_eq!(supported(list(claimed.clone()), std::slice::from_ref(&actual)), [same], "{claimed} {actual}");
    }
}

#[test]
fn one_wire_claim_can_make_several_claims() {
    let claims = wire(json!({
        "action_name": "prices", "verification_mode": "field_extraction", "claimed_value": [
            {"path": "a.b[0]", "value": 1},
            {"path": "$.c", "value": 2, "sourcerykit_ref": "R"},
        ],
    }))
    .claims(0)
    .expect("claims");
    assert_eq!(claims[0].json(), &json!({"action": "prices", "path": "a.b[0]", "equals": 1}));
    assert_eq!(claims[1].json(), &json!({"callRef": "R", "path": "$.c", "equals": 2}));
    let scalar =
        wire(json!({"action_name": "a", "claimed_value": "x", "json_path": "$.c"})).claims(0).expect("a claim");
    assert_eq!(scalar[0].json(), &json!({"action": "a", "path": "$.c", "equals": "x"}));
}

#[test]
fn a_range_admits_means_and_numeric_texts() {
    let range = |claimed: Value| {
        json!({"call_ref": "c", "verification_mode": "range_threshold", "json_path": "a",
               "claimed_value": claimed, "range_min": 1, "range_max": "3.0"})
    };
    for (claimed, actual, inside) in [
        (json!(null), json!(3), true),
        (json!(null), json!(3.01), false),
        (json!(null), json!("2"), true),
        (json!(null), json!([0, 4]), true),
        (json!(null), json!([0, 1]), false),
        (json!(null), json!([]), false),
        (json!(null), json!(true), false),
        (json!(2), json!([0, "4"]), true),
        (json!("2"), json!(2.000_000_001), true),
        (json!(2), json!(2.000_000_002), false),
    ] {
        assert_eq!(supported(range(claimed.clone()), std::slice::from_ref(&actual)), [inside], "{claimed} {actual}");
    }
}

#[test]
fn the_older_modes_are_read() {
    let verbatim = json!({"call_ref": "c", "verification_mode": "verbatim", "claimed_value": [1, {"a": 2}]});
    assert_eq!(supported(verbatim.clone(), &[json!([1.0, {"a": 2}])]), [true]);
    assert_eq!(supported(verbatim, &[json!([1])]), [false]);
    let schema =
        json!({"call_ref": "c", "verification_mode": "schema_type", "expected_json_schema": {"type": "string"}});
    assert_eq!(supported(schema.clone(), &[json!("x")]), [true]);
    assert_eq!(supported(schema, &[json!(1)]), [false]);
}

#[test]
fn a_wire_claim_that_says_nothing_is_refused() {
    for (json, key) in [
        (json!({"claimed_value": [{"path": "a", "value": 1}]}), "call_ref"),
        (json!({"call_ref": "c", "claimed_value": []}), "claimed_value"),
        (json!({"call_ref": "c", "claimed_value": [{"path": "a", "value": 1}, 2]}), "claimed_value"),
        (json!({"call_ref": "c", "claimed_value": [{"path": "$[", "value": 1}]}), "path"),
        (json!({"call_ref": "c", "verification_mode": "guess", "claimed_value": 1}), "verification_mode"),
        (json!({"call_ref": "c", "verification_mode": "range_threshold", "range_min": "low"}), "range_min"),
        (json!({"call_ref": "c", "verification_mode": "range_threshold", "claimed_value": 1}), "between"),
        (
            json!({"call_ref": "c", "verification_mode": "range_threshold", "range_min": 1,
                   "claimed_value": r#"{"$serde_json::private::Number":"2"}"#}),
            "claimed_value",
        ),
        (json!({"call_ref": "c", "verification_mode": "schema_type"}), "matches"),
        (json!({"call_ref": "c", "claimed_value": [{"path": "a", "value": 1}], "claim": {"equals": 1, "x": 1}}), "x"),
    ] {
        let error = wire(json.clone()).claims(2).expect_err("it is refused");
        assert_eq!((error.key.as_str(), error.position), (key, 2), "{json}: {error}");
    }
}

#[test]
fn unknown_keys_are_kept_with_their_numbers() {
    let text = r#"{"call_ref":"c","json_path":null,"request_payload":null,"theirs":{"n":[1.50,9007199254740993]}}"#;
    let wire: WireClaim = serde_json::from_str(text).expect("a wire claim");
    let written = serde_json::to_string(&wire).expect("JSON");
    assert!(written.ends_with(r#""theirs":{"n":[1.50,9007199254740993]}}"#), "{written}");
}
