//! Rows of the Postgres table: what we lay out there, and what the log commits to of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe_core::commitment::RowKey;
use vouchsafe_core::exchange::Fields;
use vouchsafe_core::intercept::{Intercept, Own};
use vouchsafe_core::response_hash::response_hash;
use vouchsafe_core::row::{Context, Kind, Outcome, Row, Source};

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors/rows.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn bytes(base64: &Value) -> Option<Vec<u8>> {
    base64.as_str().map(|text| STANDARD.decode(text).unwrap())
}

fn fields(case: &Value) -> Fields {
    let field = |name: &str| bytes(&case["fields"][name]);
    Fields {
        url: field("url"),
        request: field("request"),
        request_headers: field("request_headers"),
        response: field("response"),
        response_headers: field("response_headers"),
    }
}

fn row(case: &Value) -> Row {
    serde_json::from_str(&case["row"].to_string()).unwrap()
}

fn key(case: &Value) -> RowKey {
    RowKey(hex::decode(case["row_key"].as_str().unwrap()).unwrap().try_into().unwrap())
}

/// A row as the Python SDK writes it.
fn foreign() -> Intercept {
    Intercept {
        id: "00000000-0000-7000-8000-00000000000a".into(),
        agent_id: "a".into(),
        action_name: "b".into(),
        source_url: "https://api.example.com/x".into(),
        request_payload: "{}".into(),
        raw_response: "{\"price\": 42}".into(),
        response_hash: response_hash(b"{\"price\": 42}"),
        call_ref: None,
        created_us: 1,
        own: Own::default(),
    }
}

#[test]
fn a_row_that_another_sdk_wrote_is_committed_to_as_the_vectors_say() {
    let cases: Vec<_> = vectors("rows").into_iter().filter(|case| case["row"]["source"] == "postgres").collect();
    assert!(!cases.is_empty());
    for case in cases {
        let (row, fields) = (row(&case), fields(&case));
        let text = |bytes: Option<Vec<u8>>| String::from_utf8(bytes.unwrap()).unwrap();
        let intercept = Intercept {
            id: row.id.clone(),
            agent_id: row.agent_id.clone(),
            action_name: row.action_name.clone(),
            source_url: text(fields.url),
            request_payload: text(fields.request),
            response_hash: response_hash(fields.response.as_deref().unwrap()),
            raw_response: text(fields.response),
            call_ref: row.call_ref.clone(),
            created_us: row.started_us,
            // What the vector's row has besides are columns that we add.
            own: Own { tool_call_id: row.tool_call_id.clone(), ..Own::default() },
        };
        let prepared = intercept.prepare(key(&case)).unwrap();
        assert_eq!(prepared.row.canonical(), case["canonical"].as_str().unwrap());
        assert_eq!(hex::encode(prepared.row_hash), case["row_hash"].as_str().unwrap());
    }
}

#[test]
fn a_row_that_we_recorded_keeps_in_the_table_whatever_the_canonical_row_says_of_it() {
    for case in vectors("rows").into_iter().filter(|case| case["row"]["source"] != "postgres") {
        let (row, fields) = (row(&case), fields(&case));
        let prepared = Intercept::of(&row, &fields, 7).prepare(key(&case)).unwrap();
        let response_is_json =
            fields.response.as_ref().is_some_and(|body| serde_json::from_slice::<Value>(body).is_ok());
        let expected = Row {
            source: Source::Postgres,
            c_wire: None,
            c_url: prepared.row.c_url,
            c_request: prepared.row.c_request,
            c_response: prepared.row.c_response,
            ..row.clone()
        };
        assert_eq!(prepared.row, expected);
        if row.c_url.is_some() {
            assert_eq!(prepared.row.c_url, row.c_url);
        }
        if response_is_json {
            assert_eq!(prepared.row.c_response, row.c_response, "a JSON body stands there byte for byte");
        }
    }
}

#[test]
fn a_response_is_hashed_as_python_hashes_it_and_stands_there_as_json() {
    let row = row(&vectors("rows")[0]);
    for case in vectors("response_hashes") {
        let fields = Fields { response: bytes(&case["body"]), ..Fields::default() };
        let intercept = Intercept::of(&row, &fields, 0);
        assert_eq!(intercept.response_hash, case["response_hash"].as_str().unwrap(), "{case}");
        assert_eq!(response_hash(intercept.raw_response.as_bytes()), intercept.response_hash, "{case}");
    }
}

fn with_headers(headers: &str, request: &[u8], response: &[u8]) -> Intercept {
    let row = row(&vectors("rows")[0]);
    let fields = Fields {
        url: Some(b"https://api.example.com/v1?b=2&a=1&b=3&c=%5Bredacted%5D".to_vec()),
        request: Some(request.to_vec()),
        request_headers: Some(headers.as_bytes().to_vec()),
        response: Some(response.to_vec()),
        response_headers: Some(headers.as_bytes().to_vec()),
    };
    Intercept::of(&row, &fields, 0)
}

#[test]
fn a_request_is_laid_out_as_params_and_json_or_data() {
    let params = json!({"a": "1", "b": "2", "c": "[redacted]"});
    let payload = |headers, request: &[u8]| -> Value {
        serde_json::from_str(&with_headers(headers, request, b"").request_payload).unwrap()
    };
    let json = "content-type: application/json; charset=utf-8\n";
    assert_eq!(
        payload(json, br#"{"q":1e2}"#),
        json!({"params": params, "json": {"q": serde_json::from_str::<Value>("1e2").unwrap()}})
    );
    assert_eq!(payload(json, b"{oops"), json!({"params": params, "data": "{oops"}));
    assert_eq!(payload("", b"{}"), json!({"params": params, "data": "{}"}));
    assert_eq!(payload("", b"\xFFa\0"), json!({"params": params, "data": "\u{FFFD}a\0"}));
    assert_eq!(payload("", b""), json!({"params": params}));
    let tool = vectors("rows").into_iter().find(|case| case["row"]["kind"] == "tool").unwrap();
    assert_eq!(Intercept::of(&row(&tool), &fields(&tool), 0).request_payload, r#"{"json": {"a":1}}"#);
}

#[test]
fn a_response_is_laid_out_as_json_text_or_stream() {
    let raw = |headers, response: &[u8]| with_headers(headers, b"", response).raw_response;
    assert_eq!(raw("", b"  {\"a\":1.0} "), "{\"a\":1.0} ", "a space before it says that it is ours");
    assert_eq!(raw("", b"\xEF\xBB\xBF[1]"), "[1]");
    assert_eq!(raw("content-type: application/json; charset=UTF-16LE\n", b"[\x001\0]\0"), "[1]");
    assert_eq!(raw("content-type: text/plain; charset=iso-8859-1\n", b"\xE9"), r#" {"text": "\u00e9"}"#);
    assert_eq!(raw("", b"a\0"), r#" {"text": "a\u0000"}"#);
    assert_eq!(raw("", b""), r#" {"text": ""}"#);
    assert_eq!(raw("content-type: text/event-stream\n", b"data: 1\n\n"), r#" {"stream_logged": "data: 1\n\n"}"#);
    let row = row(&vectors("rows")[0]);
    assert_eq!(Intercept::of(&row, &Fields::default(), 0).raw_response, "", "a body that was not kept");
}

#[test]
fn a_column_that_no_canonical_row_can_hold_is_named() {
    let own = |own: Own| Intercept { own, ..foreign() };
    let cases = [
        ("id", Intercept { id: "7".into(), ..foreign() }),
        ("call_ref", Intercept { call_ref: Some("x".into()), ..foreign() }),
        ("kind", own(Own { kind: Some("HTTP".into()), ..Own::default() })),
        ("outcome", own(Own { outcome: Some("done".into()), ..Own::default() })),
        ("context", own(Own { context: Some(String::new()), ..Own::default() })),
        ("parent", own(Own { parent: Some("x".into()), ..Own::default() })),
        ("status", own(Own { status: Some(-1), ..Own::default() })),
        ("status", own(Own { status: Some(65_536), ..Own::default() })),
        ("started_us", own(Own { started_us: Some(-1), ..Own::default() })),
        ("first_byte_us", own(Own { first_byte_us: Some(-1), ..Own::default() })),
        ("ended_us", own(Own { ended_us: Some(-1), ..Own::default() })),
        ("body_length", own(Own { body_length: Some(-1), ..Own::default() })),
        ("redacted", own(Own { redacted: Some("[\"b\",\"a\"]".into()), ..Own::default() })),
        ("redacted", own(Own { redacted: Some("{}".into()), ..Own::default() })),
        ("run_id", own(Own { run_id: Some("r".repeat(65_536)), ..Own::default() })),
        ("tool_call_id", own(Own { tool_call_id: Some("r".repeat(65_536)), ..Own::default() })),
        ("request_headers", own(Own { request_headers: Some("a: \u{100}\n".into()), ..Own::default() })),
        ("response_headers", own(Own { response_headers: Some("a: \u{100}\n".into()), ..Own::default() })),
    ];
    for (column, intercept) in cases {
        let why = intercept.prepare(RowKey([0; 32])).unwrap_err();
        assert!(why.starts_with(column), "{why}");
    }
    assert!(foreign().prepare(RowKey([0; 32])).is_ok());
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..20).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn a_recorded_row_comes_back_from_its_columns(
        names in [text(), text()],
        texts in [proptest::option::of(text()), proptest::option::of(text()), proptest::option::of(text())],
        bodies in any::<[Option<Vec<u8>>; 2]>(),
        header in proptest::option::of(any::<Vec<u8>>()),
        times in any::<(u32, Option<u32>, u32, Option<u32>)>(),
        status in any::<Option<u16>>(),
    ) {
        let kind = if status.is_some() { Kind::Http } else { Kind::Tool };
        let mut row = foreign().prepare(RowKey([1; 32])).unwrap().row;
        let [agent_id, action_name] = names;
        let [run_id, tool_call_id, error] = texts;
        row = Row {
            agent_id, action_name, run_id, tool_call_id, error, kind, status,
            outcome: Some(Outcome::Complete), context: Some(Context::Certain), redacted: vec!["a".into(), "b".into()],
            started_us: times.0.into(), first_byte_us: times.1.map(u64::from), ended_us: times.2.into(), body_length: times.3.map(u64::from),
            ..row
        };
        let [request, response] = bodies;
        let fields = Fields { url: None, request, request_headers: header.clone(), response, response_headers: header.clone() };
        let intercept = Intercept::of(&row, &fields, 9);
        let prepared = intercept.prepare(RowKey([1; 32])).unwrap();
        let clean = |text: &str| text.replace('\0', "\u{FFFD}");
        prop_assert_eq!(&prepared.row.agent_id, &clean(&row.agent_id));
        prop_assert_eq!(&prepared.row.run_id, &row.run_id.as_deref().map(clean));
        prop_assert_eq!(&prepared.row.error, &row.error.as_deref().map(clean));
        prop_assert_eq!((prepared.row.started_us, prepared.row.first_byte_us), (row.started_us, row.first_byte_us));
        prop_assert_eq!((prepared.row.ended_us, prepared.row.body_length), (row.ended_us, row.body_length));
        prop_assert_eq!((prepared.row.status, prepared.row.kind, &prepared.row.redacted), (row.status, row.kind, &row.redacted));
        let headers = header.map(|bytes| bytes.into_iter().map(|byte| if byte == 0 { b'?' } else { byte }).collect::<Vec<_>>());
        prop_assert_eq!(&prepared.fields.response_headers, &headers);
        // Whatever the bodies were, no column holds what Postgres refuses, and other SDKs can read them.
        let own = &intercept.own;
        let texts = [&own.run_id, &own.tool_call_id, &own.error, &own.request_headers, &own.response_headers];
        let columns = [&intercept.agent_id, &intercept.action_name, &intercept.request_payload, &intercept.raw_response];
        prop_assert!(!texts.into_iter().flatten().chain(columns).any(|text| text.contains('\0')));
        prop_assert!(serde_json::from_str::<Value>(&intercept.request_payload).is_ok());
        prop_assert!(intercept.raw_response.is_empty() || serde_json::from_str::<Value>(&intercept.raw_response).is_ok());
    }
}
