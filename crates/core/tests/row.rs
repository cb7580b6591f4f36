//! The strict reading of rows and queries.

use proptest::prelude::*;
use serde_json::json;
use vouchsafe_core::query::Query;
use vouchsafe_core::row::{Context, Kind, Outcome, Row, Source};

const ID: &str = "00000000-0000-7000-8000-000000000001";

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..20).prop_map(String::from_iter)
}

fn hash() -> impl Strategy<Value = Option<[u8; 32]>> {
    proptest::option::of(any::<[u8; 32]>())
}

prop_compose! {
    fn row()(
        names in [text(), text()],
        hashes in [hash(), hash(), hash(), hash(), hash(), hash()],
        texts in proptest::collection::vec(proptest::option::of(text()), 5),
        times in any::<(u64, u64, Option<u64>, Option<u64>)>(),
        status in any::<Option<u16>>(),
        kind in prop_oneof![Just(Kind::Http), Just(Kind::Model), Just(Kind::Tool), Just(Kind::Gap)],
        redacted in proptest::collection::btree_set(text(), 0..4),
        truncated in any::<bool>(),
        known in any::<bool>(),
    ) -> Row {
        let [action_name, agent_id] = names;
        let [c_request, c_request_headers, c_response, c_response_headers, c_url, c_wire] = hashes;
        let mut texts = texts.into_iter();
        let mut text = || texts.next().flatten();
        Row {
            action_name, agent_id, body_length: times.2, c_request, c_request_headers, c_response, c_response_headers, c_url,
            c_wire, call_ref: known.then(|| ID.into()), context: known.then_some(Context::Uncertain), ended_us: times.0,
            error: text(), first_byte_us: times.3, http_version: text(), id: ID.into(), kind, method: text(),
            outcome: known.then_some(Outcome::Aborted), parent: None, redacted: redacted.into_iter().collect(),
            run_id: text(), schema: 1, source: Source::RecordTool, started_us: times.1, status, tool_call_id: text(), truncated,
        }
    }
}

proptest! {
    #[test]
    fn a_canonical_row_parses_to_itself(row in row()) {
        let parsed: Row = serde_json::from_str(&row.canonical()).unwrap();
        prop_assert_eq!(parsed.canonical(), row.canonical());
        prop_assert_eq!(parsed, row);
    }
}

fn canonical() -> serde_json::Value {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/rows.json")).unwrap();
    vectors["rows"][0]["row"].clone()
}

#[test]
fn a_row_with_a_value_in_another_spelling_is_refused() {
    let changes = [
        ("schema", json!(2)),
        ("schema", json!("1")),
        ("ended_us", json!(1)),
        ("ended_us", json!("01")),
        ("ended_us", json!("+1")),
        ("ended_us", json!("")),
        ("ended_us", json!("18446744073709551616")),
        ("body_length", json!("-1")),
        ("c_url", json!("AB".repeat(32))),
        ("c_url", json!("ab".repeat(31))),
        ("id", json!("00000000-0000-7000-8000-00000000000A")),
        ("id", json!("00000000000070008000000000000001")),
        ("parent", json!("")),
        ("kind", json!("HTTP")),
        ("kind", json!({"http": null})),
        ("source", json!("record_tool")),
        ("source", json!({"tap": null})),
        ("outcome", json!({"complete": null})),
        ("context", json!({"certain": null})),
        ("redacted", json!(["b", "a"])),
        ("redacted", json!(["a", "a"])),
        ("redacted", json!(null)),
        ("status", json!(200.5)),
        ("status", json!(65536)),
        ("truncated", json!(0)),
        ("run_id", json!("r".repeat(65536))),
        ("agent_id", json!(null)),
    ];
    for (key, value) in changes {
        let mut row = canonical();
        row[key] = value;
        assert!(serde_json::from_str::<Row>(&row.to_string()).is_err(), "{key}: {}", row[key]);
    }
}

#[test]
fn a_row_with_a_missing_unknown_or_duplicate_key_is_refused() {
    for key in canonical().as_object().unwrap().keys() {
        let mut row = canonical();
        row.as_object_mut().unwrap().remove(key);
        assert!(serde_json::from_str::<Row>(&row.to_string()).is_err(), "without {key}");
    }
    let text = canonical().to_string();
    for addition in ["\"extra\":null", "\"status\":200"] {
        let more = text.replacen('{', &format!("{{{addition},"), 1);
        assert!(serde_json::from_str::<Row>(&more).is_err(), "{addition}");
    }
}

#[test]
fn an_array_of_a_rows_values_is_no_row() {
    let row: Row = serde_json::from_str(&canonical().to_string()).unwrap();
    let canonical: serde_json::Value = serde_json::from_str(&row.canonical()).unwrap();
    let values: Vec<_> = canonical.as_object().unwrap().values().collect();
    assert!(serde_json::from_str::<Row>(&serde_json::to_string(&values).unwrap()).is_err());
}

#[test]
fn queries_are_written_canonically_and_read_strictly() {
    let forms = [
        r#"{"row":"1"}"#,
        r#"{"call":"1"}"#,
        r#"{"toolCall":"1"}"#,
        r#"{"action":"a","agent":"b","run":"c"}"#,
        r#"{"action":"a","agent":"b","run":null}"#,
        r#"{"agent":"b","run":null}"#,
    ];
    for form in forms {
        assert_eq!(serde_json::from_str::<Query>(form).unwrap().canonical(), form);
    }
    let refused = [
        "{}",
        r#"{"row":null}"#,
        r#"{"row":1}"#,
        r#"{"row":"1","call":"1"}"#,
        r#"{"row":"1","row":"1"}"#,
        r#"{"agent":"b"}"#,
        r#"{"agent":null,"run":null}"#,
        r#"{"action":"a","run":null}"#,
        r#"{"run":null}"#,
        r#"["1"]"#,
    ];
    for form in refused {
        assert!(serde_json::from_str::<Query>(form).is_err(), "{form}");
    }
}

#[test]
fn a_query_id_is_the_uuid_of_its_text_and_the_root() {
    let query = Query::Agent { agent: "_default".into(), run: Some("run-1".into()) };
    // Python: uuid.uuid5(uuid.NAMESPACE_URL, '{"agent":"_default","run":"run-1"}\n' + base64.b64encode(bytes(32)).decode())
    assert_eq!(query.id(&[0; 32]), "a28191a3-746d-51ab-8b4f-8a58b046ae65");
}

#[test]
fn a_query_selects_indexed_rows_of_its_signature_only() {
    let row: Row = serde_json::from_str(&canonical().to_string()).unwrap();
    let agent = |run: Option<&str>| Query::Agent { agent: "_default".into(), run: run.map(Into::into) };
    let action =
        |name: &str| Query::Action { action: name.into(), agent: "_default".into(), run: Some("run-1".into()) };
    assert!(agent(Some("run-1")).selects(&row));
    assert!(!agent(None).selects(&row));
    assert!(action("GET api.example.com/v1/price").selects(&row));
    assert!(!action("GET api.example.com/v1").selects(&row));
    assert!(Query::Call { call: row.call_ref.clone().unwrap() }.selects(&row));
    assert!(!Query::ToolCall { tool_call: "call_abc".into() }.selects(&row));

    let model = Row { kind: Kind::Model, run_id: None, ..row };
    assert!(!agent(None).selects(&model), "models are no evidence");
    assert!(Query::Row { row: model.id.clone() }.selects(&model));
}
