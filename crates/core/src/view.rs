//! What a claim looks at, for people: the value there, and the lines around it.

use crate::claim::Claim;
use crate::exchange::Fields;
use crate::path::{Path, Place, Step, fits_a_list};
use crate::reading::read;
use crate::row::Row;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Display;
use std::ops::Range;

/// Lines shown before and after a place.
const AROUND: usize = 3;
/// Lines shown of a place itself, and of a text that is looked at as a whole.
const MOST: usize = 9;
/// Places that are shown where a path selects many.
const PLACES: usize = 3;

/// One line of the part of an exchange that a claim is about, printed as JSON or as the text that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its text.
    pub text: String,
    /// Whether it belongs to a place that the claim looks at.
    pub marked: bool,
}

/// What a claim looks at in an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The value there; `None` where the path leads nowhere.
    pub actual: Option<Value>,
    /// The lines around it; where the path leads nowhere, around the last place that it reaches.
    pub excerpt: Vec<Line>,
    /// How many lines there are in all.
    pub lines: usize,
}

impl View {
    /// What `claim` looks at in this exchange; `None` where that part cannot be read, or the path selects more of it than
    /// is compared.
    #[must_use]
    pub fn of(claim: &Claim, row: &Row, fields: &Fields) -> Option<Self> {
        let value = read(claim.part, row, fields).ok()?.value;
        let nodes = claim.path.locate(&value).ok()?;
        let actual = match &nodes[..] {
            [] => None,
            [node] => Some(node.value.clone()),
            nodes if !fits_a_list(nodes) => return None,
            nodes => Some(nodes.iter().map(|node| node.value.clone()).collect()),
        };
        let places = match &nodes[..] {
            [] => vec![end_of(&claim.path, &value)],
            nodes => nodes.iter().take(PLACES).map(|node| node.place.clone()).collect(),
        };
        let (excerpt, lines) = excerpt(&value, &places);
        Some(Self { actual, excerpt, lines })
    }
}

/// The last place that a path of names and indices reaches.
fn end_of<'v>(path: &'v Path, value: &'v Value) -> Place<'v> {
    let mut at = value;
    let mut reached = Vec::new();
    for step in path.place().map(|place| place.0).unwrap_or_default() {
        let next = match step {
            Step::Name(name) => at.get(name),
            Step::Index(index) => at.get(index),
        };
        let Some(next) = next else { break };
        at = next;
        reached.push(step);
    }
    Place(reached)
}

/// The lines to show, and how many there are. All are walked twice, and only those shown are made: a body that is nested
/// deep would be a hundred times its size with its indentation.
fn excerpt(value: &Value, places: &[Place]) -> (Vec<Line>, usize) {
    if let Value::String(text) = value {
        let line = |(at, text): (usize, &str)| Line { number: at + 1, text: text.to_owned(), marked: false };
        let first = text.lines().enumerate().take(MOST + AROUND - 1);
        return (first.map(line).collect(), text.lines().count());
    }
    let places: Vec<&[Step]> = places.iter().map(|place| &place.0[..]).collect();
    let mut marked: Vec<Range<usize>> = Vec::new();
    let count = Printer::print(value, &places, |number, is_marked, _| match marked.last_mut() {
        _ if !is_marked => {}
        Some(stretch) if stretch.end == number => stretch.end += 1,
        _ => marked.push(number..number + 1),
    });
    let shown = shown(&marked);
    let mut lines = Vec::new();
    Printer::print(value, &places, |number, marked, text| {
        if shown.iter().any(|range| range.contains(&number)) {
            lines.push(Line { number, text: text(), marked });
        }
    });
    (lines, count)
}

/// Hands each line of a value, printed as JSON, to `each`: its number, whether it is marked, and what makes its text.
struct Printer<F> {
    number: usize,
    depth: usize,
    marked: bool,
    each: F,
}

impl<F: FnMut(usize, bool, &dyn Fn() -> String)> Printer<F> {
    /// How many lines there were.
    fn print(value: &Value, places: &[&[Step]], each: F) -> usize {
        let mut printer = Self { number: 0, depth: 0, marked: false, each };
        printer.value(value, places, None, "");
        printer.number
    }

    /// `places` are those in or at this value, as the steps that lead on from it.
    fn value(&mut self, value: &Value, places: &[&[Step]], name: Option<&str>, comma: &str) {
        let outside = self.marked;
        // The whole is no place in it.
        self.marked |= self.depth > 0 && places.iter().any(|place| place.is_empty());
        match value {
            Value::Object(members) if !members.is_empty() => {
                self.line(name, &"{", "");
                let last = members.len() - 1;
                for (at, (key, member)) in members.iter().enumerate() {
                    self.inside(Step::Name(key), member, places, at < last);
                }
                self.line(None, &"}", comma);
            }
            Value::Array(elements) if !elements.is_empty() => {
                self.line(name, &"[", "");
                let last = elements.len() - 1;
                for (at, element) in elements.iter().enumerate() {
                    self.inside(Step::Index(at), element, places, at < last);
                }
                self.line(None, &"]", comma);
            }
            simple => self.line(name, simple, comma),
        }
        self.marked = outside;
    }

    fn inside(&mut self, step: Step, value: &Value, places: &[&[Step]], more: bool) {
        let leads_on = |place: &&[Step]| place.first() == Some(&step);
        let places: Vec<&[Step]> = places.iter().filter(|place| leads_on(place)).map(|place| &place[1..]).collect();
        let name = if let Step::Name(name) = step { Some(name) } else { None };
        self.depth += 1;
        self.value(value, &places, name, if more { "," } else { "" });
        self.depth -= 1;
    }

    fn line(&mut self, name: Option<&str>, what: &dyn Display, comma: &str) {
        let indent = self.depth * 2;
        let text = || {
            let name = name.map(|name| format!("{}: ", Value::from(name))).unwrap_or_default();
            format!("{:indent$}{name}{what}{comma}", "")
        };
        self.number += 1;
        (self.each)(self.number, self.marked, &text);
    }
}

/// The numbers of the lines to show: those around the marked stretches, else the first.
fn shown(marked: &[Range<usize>]) -> Vec<Range<usize>> {
    if marked.is_empty() {
        return std::iter::once(1..MOST + AROUND).collect();
    }
    let around = |stretch: &Range<usize>| {
        let end = if stretch.len() > MOST { stretch.start + MOST } else { stretch.end + AROUND };
        stretch.start.saturating_sub(AROUND)..end
    };
    marked.iter().map(around).collect()
}
