//! Paths: what RFC 9535 leaves to an implementation, and what comes on top. (The compliance suite of the RFC is run by
//! the example `jsonpath_compliance`.)

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vouchsafe_core::path::Path;

fn select(path: &str, value: &Value) -> Vec<Value> {
    let path = Path::parse(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    path.locate(value).expect("it is cheap").into_iter().map(|node| node.value.clone()).collect()
}

fn places(path: &str, value: &Value) -> Vec<String> {
    let path = Path::parse(path).expect("it parses");
    path.locate(value).expect("it is cheap").iter().map(|node| node.place.to_string()).collect()
}

/// The examples of RFC 9535 §1.5.
#[test]
fn the_bookstore_answers_as_in_the_rfc() {
    let store = json!({ "store": {
        "book": [
            { "category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95 },
            { "category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99 },
            { "category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553-21311-3", "price": 8.99 },
            { "category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings", "isbn": "0-395-19395-8", "price": 22.99 },
        ],
        "bicycle": { "color": "red", "price": 399 },
    }});
    let titles = |path: &str| select(path, &store).iter().map(|book| book["title"].clone()).collect::<Vec<_>>();
    assert_eq!(select("$.store.book[*].author", &store).len(), 4);
    assert_eq!(select("$..author", &store).len(), 4);
    assert_eq!(select("$.store.*", &store).len(), 2);
    assert_eq!(select("$.store..price", &store).len(), 5);
    assert_eq!(titles("$..book[2]"), ["Moby Dick"]);
    assert_eq!(select("$..book[2].publisher", &store), [] as [Value; 0]);
    assert_eq!(titles("$..book[-1]"), ["The Lord of the Rings"]);
    assert_eq!(titles("$..book[0,1]"), ["Sayings of the Century", "Sword of Honour"]);
    assert_eq!(titles("$..book[:2]"), ["Sayings of the Century", "Sword of Honour"]);
    assert_eq!(titles("$..book[?@.isbn]"), ["Moby Dick", "The Lord of the Rings"]);
    assert_eq!(titles("$..book[?@.price<10]"), ["Sayings of the Century", "Moby Dick"]);
    assert_eq!(select("$..*", &store).len(), 27);
}

#[test]
fn a_dotted_path_is_a_path() {
    let value = json!({"a": {"b": [{"c": 1}], "my-key": {"0": 2}, "x y": 3}, "content-type": "text/plain", "ключ": 4});
    for (path, expected) in [
        ("a.b[0].c", json!([1])),
        ("a.b[-1].c", json!([1])),
        ("$.a.b[0].c", json!([1])),
        ("a.my-key.0", json!([2])),
        ("a['x y']", json!([3])),
        ("['a']['x y']", json!([3])),
        ("content-type", json!(["text/plain"])),
        ("ключ", json!([4])),
        ("a.b[*].c", json!([1])),
        ("..c", json!([1])),
        ("a.b[?@.c == 1].c", json!([1])),
        ("[0]", json!([])),
        ("b", json!([])),
    ] {
        assert_eq!(json!(select(path, &value)), expected, "{path}");
    }
}

#[test]
fn a_bad_path_says_where_and_why() {
    for (path, position) in [
        ("", 0),
        ("$.", 2),
        ("$.my-key", 4),
        ("$[", 2),
        ("$[01]", 2),
        ("$['a", 4),
        ("a..", 3),
        ("a.b[", 4),
        ("$[?@.a==1", 9),
        ("$ ", 1),
        (" a", 0),
        ("$[?length(@.a)]", 3),
        ("$[?@.a==@..b]", 12),
        ("$[?nope(@)]", 8),
        ("$['ключ'", 8),
    ] {
        let error = Path::parse(path).expect_err(path);
        assert_eq!(error.position, position, "{path}: {error}");
    }
}

#[test]
fn filters_compare_exact_decimals() {
    let value: Value = serde_json::from_str(
        r#"[{"id": 9007199254740992}, {"id": 9007199254740993}, {"id": 9007199254740993.0}, {"id": 1e400}, {"id": 1.0}]"#,
    )
    .expect("JSON");
    assert_eq!(places("$[?@.id == 9007199254740993]", &value), ["$[1]", "$[2]"]);
    assert_eq!(places("$[?@.id > 9007199254740992]", &value), ["$[1]", "$[2]", "$[3]"]);
    assert_eq!(places("$[?@.id == 1]", &value), ["$[4]"]);
    assert_eq!(places("$[?@.id == 10e399]", &value), ["$[3]"]);
    assert_eq!(places("$[?@ == $[4]]", &value), ["$[4]"]);
}

#[test]
fn places_are_normalized_paths() {
    let value = json!({"it's": [{"a\n\u{b}": 1}], "b": 2});
    assert_eq!(places("$..*", &value), ["$['b']", "$['it\\'s']", "$['it\\'s'][0]", "$['it\\'s'][0]['a\\n\\u000b']"]);
    assert_eq!(places("$", &value), ["$"]);
}

#[test]
fn a_singular_path_is_told_from_others() {
    for path in ["$", "$.a[0]['b']", "a.b", "$[-1]"] {
        assert!(Path::parse(path).expect(path).is_singular(), "{path}");
    }
    for path in ["$.*", "$..a", "$[0,1]", "$[0:1]", "$[?@.a]", "$['a','b']"] {
        assert!(!Path::parse(path).expect(path).is_singular(), "{path}");
    }
}

#[test]
fn hostile_paths_end_soon() {
    let start = Instant::now();
    for path in [
        format!("$[?{}@{}]", "(".repeat(1000), ")".repeat(1000)),
        format!("$[?{}@]", "!".repeat(4000)),
        format!("${}", "[?@".repeat(1000)),
        format!("$[?{}", "length(".repeat(500)),
        format!("$.{}", "a".repeat(5000)),
    ] {
        assert!(Path::parse(&path).is_err(), "{}", &path[..20]);
    }
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep, 1]);
    }
    // Each of those that are refused runs as far as it may, which takes its time: one for each kind of cost.
    for (path, is_refused) in [
        (format!("${}", "..[0,0]".repeat(60)), true),
        (format!("$..[?$..x{}]", "||$..x".repeat(50)), false),
        ("$..[?$..[?$..[?$..[?$..[?$..*]]]]]".to_owned(), true),
        (format!("${}", "..[?$ == $]".repeat(100)), true),
        ("$..[?search('a', value($..[1]))]".to_owned(), false),
    ] {
        let parsed = Path::parse(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(parsed.locate(&deep).is_err(), is_refused, "{path}");
    }
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

#[test]
fn regular_expressions_are_linear_and_bounded() {
    let value = json!([format!("{}b", "a".repeat(50_000)), "aé", "a\rb"]);
    assert_eq!(places("$[?match(@, '(a+)+')]", &value), [] as [&str; 0]);
    assert_eq!(places("$[?match(@, 'a.')]", &value), ["$[1]"]);
    assert_eq!(places("$[?search(@, '(((a{1000}){1000}){1000})')]", &value), [] as [&str; 0]);
    assert_eq!(places("$[?search(@, '(')]", &value), [] as [&str; 0]);
}

#[test]
fn a_path_to_millions_of_deep_nodes_is_refused_before_their_places_fill_the_memory() {
    let list = Value::Array((0..2000).map(Value::from).collect());
    let deep = (0..120).fold(list, |value, _| json!([value]));
    let path = format!("$..[{}]", ["*"; 1000].join(","));
    assert!(Path::parse(&path).expect("it parses").locate(&deep).is_err());
}

#[test]
fn a_path_has_no_more_regular_expressions_than_can_be_compiled_at_once() {
    let path = |count: usize| format!("$[?{}]", vec!["match(@, 'a.')"; count].join("||"));
    assert!(Path::parse(&path(16)).is_ok());
    assert_eq!(Path::parse(&path(17)).expect_err("too many").message, "too many regular expressions");
    let patterns = Value::Array((0..100).map(|n| json!(["a", format!("b{n}")])).collect());
    assert!(Path::parse("$[?match(@[0], @[1])]").expect("it parses").locate(&patterns).is_err());
}

#[test]
fn an_expression_from_the_value_is_compiled_once_however_many_nodes_it_is_asked_of() {
    let items: Vec<_> = (0..10_000).map(|n| json!({"category": if n % 2 == 0 { "tea" } else { "teapot" }})).collect();
    let value = json!({"items": items, "pattern": "t.a"});
    assert_eq!(select("$.items[?match(@.category, $.pattern)]", &value).len(), 5_000);
    assert_eq!(select("$.items[?search(@.category, $.pattern) && match(@.category, $.pattern)]", &value).len(), 5_000);
}

#[test]
fn every_node_of_a_large_body_of_records_can_be_selected() {
    let record = json!({"id": 1, "name": "tea", "tags": ["a", "b"], "offer": {"price": 9.5, "seller": {"id": 7}}});
    let count = (4 << 20) / (record.to_string().len() + 1);
    let nodes_of_record = 10;
    let body = Value::Array(vec![record; count]);
    assert_eq!(Path::parse("$..price").expect("it parses").locate(&body).expect("it is cheap").len(), count);
    let all = Path::parse("$..*").expect("it parses").locate(&body).expect("it is cheap");
    assert_eq!(all.len(), count * nodes_of_record);
}
