//! What a claim looks at, for people: the value there, and the lines around it.

use crate::claim::Claim;
use crate::exchange::Fields;
use crate::path::{Path, Place, Step};
use crate::reading::read;
use crate::row::Row;
use serde::Serialize;
use serde_json::Value;

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
    /// What `claim` looks at in this exchange; `None` where that part cannot be read.
    #[must_use]
    pub fn of(claim: &Claim, row: &Row, fields: &Fields) -> Option<Self> {
        let value = read(claim.part, row, fields).ok()?.value;
        let nodes = claim.path.locate(&value).ok()?;
        let actual = match &nodes[..] {
            [] => None,
            [node] => Some(node.value.clone()),
            nodes => Some(nodes.iter().map(|node| node.value.clone()).collect()),
        };
        let places = match &nodes[..] {
            [] => vec![end_of(&claim.path, &value)],
            nodes => nodes.iter().take(PLACES).map(|node| node.place.clone()).collect(),
        };
        let mut lines = lines(&value, &places);
        let count = lines.len();
        let shown = shown(&lines);
        lines.retain(|line| shown.iter().any(|range| range.contains(&line.number)));
        Some(Self { actual, excerpt: lines, lines: count })
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

fn lines(value: &Value, places: &[Place]) -> Vec<Line> {
    if let Value::String(text) = value {
        let line = |(at, text): (usize, &str)| Line { number: at + 1, text: text.to_owned(), marked: false };
        return text.lines().enumerate().map(line).collect();
    }
    let mut printer = Printer { places, at: Vec::new(), marked: false, lines: Vec::new() };
    printer.print(value, "", "");
    printer.lines
}

struct Printer<'v, 'p> {
    places: &'p [Place<'v>],
    at: Vec<Step<'v>>,
    marked: bool,
    lines: Vec<Line>,
}

impl<'v> Printer<'v, '_> {
    fn print(&mut self, value: &'v Value, name: &str, comma: &str) {
        let outside = self.marked;
        // The whole is no place in it.
        self.marked |= !self.at.is_empty() && self.places.iter().any(|place| place.0 == self.at);
        match value {
            Value::Object(members) if !members.is_empty() => {
                self.line(&format!("{name}{{"));
                let last = members.len() - 1;
                for (at, (key, member)) in members.iter().enumerate() {
                    let name = format!("{}: ", Value::from(key.as_str()));
                    self.inside(Step::Name(key), member, &name, at < last);
                }
                self.line(&format!("}}{comma}"));
            }
            Value::Array(elements) if !elements.is_empty() => {
                self.line(&format!("{name}["));
                let last = elements.len() - 1;
                for (at, element) in elements.iter().enumerate() {
                    self.inside(Step::Index(at), element, "", at < last);
                }
                self.line(&format!("]{comma}"));
            }
            simple => self.line(&format!("{name}{simple}{comma}")),
        }
        self.marked = outside;
    }

    fn inside(&mut self, step: Step<'v>, value: &'v Value, name: &str, more: bool) {
        self.at.push(step);
        self.print(value, &format!("{}{name}", "  ".repeat(self.at.len())), if more { "," } else { "" });
        self.at.pop();
    }

    fn line(&mut self, text: &str) {
        // A bracket that closes stands where its line began.
        let closes = text.starts_with(['}', ']']);
        let text = if closes { format!("{}{text}", "  ".repeat(self.at.len())) } else { text.to_owned() };
        self.lines.push(Line { number: self.lines.len() + 1, text, marked: self.marked });
    }
}

/// The numbers of the lines to show: those around what is marked, else the first.
fn shown(lines: &[Line]) -> Vec<std::ops::Range<usize>> {
    let marked: Vec<usize> = lines.iter().filter(|line| line.marked).map(|line| line.number).collect();
    let stretches = marked.chunk_by(|left, right| left + 1 == *right).map(|stretch| {
        let (first, end) = (stretch[0], stretch[0] + stretch.len());
        let rest = if stretch.len() > MOST { first + MOST } else { end + AROUND };
        first.saturating_sub(AROUND)..rest
    });
    let stretches: Vec<_> = stretches.collect();
    if stretches.is_empty() { std::iter::once(1..MOST + AROUND).collect() } else { stretches }
}
