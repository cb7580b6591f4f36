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

fn view(path: &str, body: &str) -> View {
    let claim = Claim::parse(&json!({ "path": path, "equals": 1 }), 0).unwrap();
    let prepared = exchange(body);
    View::of(&claim, &prepared.row, &prepared.fields).unwrap()
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
