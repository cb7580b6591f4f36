//! Redaction in JSON bodies.

use super::stored;
use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe_core::redact::{RedactionOptions, RedactionRules};

fn redacted(body: &str, expected: &str, places: &[&str]) {
    let (stored, found) = stored(&[], "content-type: application/json\n", body);
    assert_eq!(stored.as_deref(), Some(expected));
    assert_eq!(found, places);
}

#[test]
fn the_values_of_credential_keys_are_replaced_and_every_other_byte_stays() {
    redacted(
        "{ \"a\" : 1.0, \"access_token\" :\t\"s3cret\" , \"b\":[1e2,{\"password\":null}] }\n",
        "{ \"a\" : 1.0, \"access_token\" :\t\"[redacted]\" , \"b\":[1e2,{\"password\":\"[redacted]\"}] }\n",
        &["response:$.access_token", "response:$.b[1].password"],
    );
}

#[test]
fn keys_are_found_escaped_in_other_case_and_twice() {
    redacted(
        r#"{"\u0061ccess_token":"a","Password":"b","password":"c","password":"d"}"#,
        r#"{"\u0061ccess_token":"[redacted]","Password":"[redacted]","password":"[redacted]","password":"[redacted]"}"#,
        &["response:$.Password", "response:$.access_token", "response:$.password"],
    );
}

#[test]
fn a_container_is_replaced_as_one_value() {
    redacted(r#"[{"api_key":{"password":["x"]}},{}]"#, r#"[{"api_key":"[redacted]"},{}]"#, &["response:$[0].api_key"]);
}

#[test]
fn keys_that_need_quotes_are_listed_as_normalized_paths() {
    redacted(
        r#"{"it's":{"":{"1a":{"password":1}}}}"#,
        r#"{"it's":{"":{"1a":{"password":"[redacted]"}}}}"#,
        &[r"response:$['it\'s']['']['1a'].password"],
    );
}

#[test]
fn text_that_only_mentions_a_key_stays() {
    for body in
        ["{\"hint\":\"your password\"}", "Enter your password: ***", "{\"token\":\"access_token\"}", "password", ""]
    {
        redacted(body, body, &[]);
    }
}

#[test]
fn nesting_costs_no_stack() {
    let body = |secret: &str| format!("{}{{\"password\":{secret}}}{}", "[".repeat(10_000), "]".repeat(10_000));
    let (stored, places) = stored(&[], "", body("1"));
    assert_eq!(stored, Some(body("\"[redacted]\"")));
    assert_eq!(places, [format!("response:${}.password", "[0]".repeat(10_000))]);
}

#[test]
fn too_many_places_to_list_are_listed_as_the_whole_body() {
    let body = format!("[{}]", vec!["{\"password\":1}"; 10_000].join(","));
    let (stored, places) = stored(&[], "", body.clone());
    assert_eq!(stored, Some(body.replace('1', "\"[redacted]\"")));
    assert_eq!(places, ["response:$"]);
}

#[test]
fn a_body_that_names_a_key_but_does_not_parse_is_withheld() {
    let bodies = [
        "{\"access_token\":\"s3cret\"",
        "{\"access_token\":s3cret}",
        "{'a':1,\"password\" : 'x'}",
        "{\"\\u0070assword\":\"x\",}",
        "{\"a\":1}\n{\"password\":1}\n",
        "\u{1}{\"password\":1}",
    ];
    for body in bodies {
        assert_eq!(stored(&[], "", body), (None, vec!["response:$".to_owned()]), "{body}");
    }
    let latin_1 = stored(&[], "", b"{\"name\":\"\xe9\",\"password\":1}".as_slice());
    assert_eq!(latin_1, (None, vec!["response:$".to_owned()]));
}

#[test]
fn users_paths_are_redacted_dotted_or_not() {
    let body = r#"{"user":{"ssn":"1","name":"2"},"cards":[{"number":3},{"number":4}],"ssn":5}"#;
    let expected = r#"{"user":{"ssn":"[redacted]","name":"2"},"cards":[{"number":3},{"number":"[redacted]"}],"ssn":5}"#;
    let places = vec!["response:$.cards[1].number".to_owned(), "response:$.user.ssn".to_owned()];
    assert_eq!(stored(&["user.ssn", "$.cards[1]['number']"], "", body), (Some(expected.into()), places));
}

#[test]
fn a_path_without_a_name_withholds_json_that_does_not_parse_and_nothing_else() {
    assert_eq!(stored(&["$[0]"], "", "[1,2]"), (Some("[\"[redacted]\",2]".into()), vec!["response:$[0]".into()]));
    assert_eq!(stored(&["$[0]"], "", "[1,2"), (None, vec!["response:$".into()]));
    assert_eq!(stored(&["$[0]"], "", "<p>"), (Some("<p>".into()), vec![]));
}

#[test]
fn a_path_to_more_or_less_than_one_value_is_refused() {
    for (path, code) in [
        ("$.a[", "redaction_path"),
        ("$.users[*].ssn", "redaction_path_not_one_value"),
        ("$..ssn", "redaction_path_not_one_value"),
        ("$.a[-1]", "redaction_path_not_one_value"),
    ] {
        let options = RedactionOptions { paths: vec![path.into()], ..RedactionOptions::default() };
        let error = RedactionRules::new(&options).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(path));
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let key = prop_oneof!["password", "api_key", "[a-c]", "(?s).{0,3}"];
    let leaf = prop_oneof![Just(json!(null)), any::<i64>().prop_map(Value::from), "(?s).{0,6}".prop_map(Value::from)];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same rule on the parsed value.
fn redact(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| {
                    let secret = ["password", "api_key"].contains(&key.as_str());
                    (key, if secret { json!("[redacted]") } else { redact(value) })
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(redact).collect(),
        other => other,
    }
}

proptest! {
    #[test]
    fn redacted_text_is_the_text_of_the_redacted_value(value in json_value(), pretty in any::<bool>()) {
        let write = |value: &Value| if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        let (stored, _) = stored(&[], "", write(&value).unwrap());
        let stored = stored.unwrap();
        let expected = redact(value);
        prop_assert_eq!(serde_json::from_str::<Value>(&stored).unwrap(), expected.clone());
        // Byte for byte: nothing but the secrets has changed, so writing the expected value gives the same text.
        prop_assert_eq!(stored, write(&expected).unwrap());
    }

    #[test]
    fn no_secret_survives_in_whatever_surrounds_it(before in "(?s).{0,12}", after in "(?s).{0,12}") {
        let body = format!("{before}{{\"password\":\"S3CRET\"}}{after}");
        let (stored, places) = stored(&[], "", body);
        prop_assert!(stored.is_none_or(|stored| !stored.contains("S3CRET")) || before.matches(['"', '\\']).count() > 0);
        prop_assert!(!places.is_empty() || before.matches(['"', '\\']).count() > 0);
    }
}
