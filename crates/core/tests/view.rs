//! What a claim looks at, as a person is shown it.

use serde_json::{Value, json};
use vouchsafe_core::{
    claim::Claim,
    exchange::{Body, Exchange, Prepared},
    prepare::prepare,
    redact::RedactionRules,
    row::{Kind, Source},
    view::View,
};

fn exchange(body: &str) -> Prepared {
    let exchange = Exchange {
        response: Some(Body { bytes: body.into(), wire_length: body.len() as u64, ..Body::default() }),
        ..Exchange::new(Kind::Http, Source::Tap, 1, 2)
    };
    prepare(exchange, &RedactionRules::default(), 1 << 20)
}

fn try_view(path: &str, body: &str) -> Option<View> {
    let claim = Claim::parse(&json!({ "path": path, "equals": 1 }), 0).unwrap();
    let prepared = exchange(body);
    View::of(&claim, &prepared.row, &prepared.fields)
}

fn view(path: &str, body: &str) -> View {
    try_view(path, body).unwrap()
}

/// Half a million numbers in `depth` lists, a megabyte that has `depth` times as much of indentation when it is printed.
fn nested(depth: usize) -> String {
    format!("{}{}1{}", "[".repeat(depth), "1,".repeat(500_000), "]".repeat(depth))
}

fn printed(view: &View) -> Vec<String> {
    let print = |line: &vouchsafe_core::view::Line| {
        format!("{}{}{}", line.number, if line.marked { ">" } else { " " }, line.text)
    };
    view.excerpt.iter().map(print).collect()
}

#[test]
fn the_place_is_marked_among_its_neighbours_and_a_number_keeps_its_digits() {
    let view = view("a.price", r#"{"a": {"name": "x", "price": 9007199254740993}, "b": []}"#);
    assert_eq!(view.actual.as_ref().map(Value::to_string).as_deref(), Some("9007199254740993"));
    let expected = [
        "1 {",
        "2   \"a\": {",
        "3     \"name\": \"x\",",
        "4>    \"price\": 9007199254740993",
        "5   },",
        "6   \"b\": []",
        "7 }",
    ];
    assert_eq!(printed(&view), expected);
}

#[test]
fn of_a_long_body_only_the_neighbourhood_is_shown() {
    let body = json!({ "items": (0..1000).collect::<Vec<_>>() }).to_string();
    let view = view("items[500]", &body);
    assert_eq!(view.lines, 1004);
    let numbers: Vec<usize> = view.excerpt.iter().map(|line| line.number).collect();
    assert_eq!(numbers, (500..=506).collect::<Vec<_>>());
    assert_eq!(view.excerpt[3].text, "    500,");
    assert!(view.excerpt[3].marked);
}

#[test]
fn a_path_that_leads_nowhere_marks_the_last_place_that_it_reaches() {
    let view = view("a.colour", r#"{"a": {"color": "red"}, "b": 1}"#);
    assert_eq!(view.actual, None);
    let marked: Vec<usize> = view.excerpt.iter().filter(|line| line.marked).map(|line| line.number).collect();
    assert_eq!(marked, [2, 3, 4]);
}

#[test]
fn a_text_is_shown_line_by_line() {
    let view = view("$", "first\nsecond");
    assert_eq!(printed(&view), ["1 first", "2 second"]);
}

#[test]
fn of_a_body_that_is_nested_deep_no_line_is_made_but_those_shown() {
    let view = view(&format!("${}[400000]", "[0]".repeat(119)), &nested(120));
    assert_eq!(view.lines, 120 + 500_001 + 120);
    let numbers: Vec<usize> = view.excerpt.iter().map(|line| line.number).collect();
    assert_eq!(numbers, (400_118..=400_124).collect::<Vec<_>>());
    assert!(view.excerpt[3].marked);
    assert!(view.excerpt.capacity() < 100, "{}", view.excerpt.capacity());
}

#[test]
fn of_many_places_the_first_are_shown() {
    let view = view("items[*]", &json!({ "items": (0..100).map(|n| [n]).collect::<Vec<_>>() }).to_string());
    let marked: Vec<usize> = view.excerpt.iter().filter(|line| line.marked).map(|line| line.number).collect();
    assert_eq!(marked, (3..=11).collect::<Vec<_>>());
    assert_eq!(view.lines, 304);
}

#[test]
fn nothing_is_shown_where_the_path_selects_more_than_is_compared() {
    let path = format!("$[{}0]", "0,".repeat(19));
    assert!(try_view(&path, &nested(3)).is_none());
    assert!(try_view(&path, "[[1]]").is_some());
}
