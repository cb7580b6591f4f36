//! Paths: where in a value a claim looks. RFC 9535 `JSONPath`, and the wire's dotted form `a.b[0].c`.
//!
//! An implementation of our own, because a filter here must tell 9007199254740993 from 9007199254740992, because both
//! the expression (a model's) and the value (a server's) are untrusted and the cost must be bounded, and because
//! redacted places must be noticed where a filter reads them.

mod condition;
mod evaluate;
mod filter;
mod literal;
mod parse;
mod pattern;
mod place;
mod syntax;

pub(crate) use condition::weight;
use evaluate::Evaluation;
pub use place::{Place, Step};
use serde_json::Value;
use std::fmt;
use syntax::{Segment, Selector};

/// Longest path in bytes.
const MAX_BYTES: usize = 4096;

/// Values that a list of selected nodes may hold in all, each as often as it is selected.
const MAX_LIST_WEIGHT: usize = 4_000_000;

/// A path that was understood.
#[derive(Debug, Clone)]
pub struct Path {
    text: String,
    segments: Vec<Segment>,
}

/// Why a path was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {position}")]
pub struct PathError {
    /// The character in the path (counted from 0) where it went wrong.
    pub position: usize,
    /// What was expected there.
    pub message: String,
}

/// An evaluation that would visit more than five million nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the path selects too much of the value")]
pub struct TooCostly;

/// A selected node.
#[derive(Debug, Clone)]
pub struct Located<'v> {
    /// Where it is.
    pub place: Place<'v>,
    /// What it is.
    pub value: &'v Value,
}

/// What a path selects.
#[derive(Debug)]
pub(crate) struct Selection<'v> {
    pub(crate) nodes: Vec<Located<'v>>,
    /// Whether a filter compared a redacted value.
    pub(crate) read_hidden: bool,
}

impl Path {
    /// The path of the whole value, `$`.
    #[must_use]
    pub fn root() -> Self {
        Self { text: "$".to_owned(), segments: Vec::new() }
    }

    /// Reads a path: RFC 9535 where it begins with `$`, else dotted names and indices (`a.my-key[0]`), else RFC 9535
    /// without its beginning (`items[*].price`). At most 4,096 bytes, 32 brackets deep, with 16
    /// regular expressions.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_BYTES {
            return Err(PathError { position: 0, message: format!("a path has at most {MAX_BYTES} bytes, and fails") });
        }
        let segments = if text.starts_with('$') {
            parse::parse(text)?
        } else if let Some(segments) = dotted(text) {
            segments
        } else {
            let prefix = if text.starts_with(['.', '[']) { "$" } else { "$." };
            parse::parse(&format!("{prefix}{text}")).map_err(|error| {
                let position = error.position.saturating_sub(prefix.len());
                PathError { position, ..error }
            })?
        };
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The text that the path was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it selects at most one node, whatever the value.
    #[must_use]
    pub fn is_singular(&self) -> bool {
        syntax::is_singular(&self.segments)
    }

    /// The nodes that the path selects, in the RFC's order.
    ///
    /// The value must not be nested deeper than 128, as [`crate::body::parse_json`] sees to.
    pub fn locate<'v>(&self, value: &'v Value) -> Result<Vec<Located<'v>>, TooCostly> {
        self.select(value, None).map(|selection| selection.nodes)
    }

    /// Like [`Path::locate`]; notes whether a filter compared the string `hidden`, the stand-in of a redacted value.
    pub(crate) fn select<'v>(&self, value: &'v Value, hidden: Option<&'v str>) -> Result<Selection<'v>, TooCostly> {
        let evaluation = Evaluation::new(value, hidden);
        let selected = evaluation.select(value, &self.segments)?;
        let nodes = selected.iter().map(|node| evaluation.locate(node)).collect::<Result<_, _>>()?;
        Ok(Selection { nodes, read_hidden: evaluation.read_hidden.get() })
    }

    /// Whether this path could select the place, something inside it or something around it.
    pub(crate) fn meets(&self, place: &Place) -> bool {
        self.segments.iter().zip(&place.0).all(|(segment, step)| match segment {
            Segment::Child(selectors) => selectors.iter().any(|selector| match (selector, step) {
                (Selector::Name(name), Step::Name(step)) => name == step,
                (Selector::Index(index), Step::Index(step)) => *index < 0 || usize::try_from(*index) == Ok(*step),
                (Selector::Name(_), Step::Index(_)) | (Selector::Index(_), Step::Name(_)) => false,
                (Selector::Slice { .. }, step) => matches!(step, Step::Index(_)),
                (Selector::Wildcard | Selector::Filter(_), _) => true,
            }),
            Segment::Descendant(_) => true,
        })
    }

    /// The place that the path names, where it has only names and indices from the front.
    pub(crate) fn place(&self) -> Option<Place<'_>> {
        self.segments.iter().map(Segment::step).collect::<Option<_>>().map(Place)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Whether a list of the nodes' values is small enough to be made.
pub(crate) fn fits_a_list(nodes: &[Located]) -> bool {
    nodes.iter().try_fold(MAX_LIST_WEIGHT, |left, node| left.checked_sub(weight(node.value))).is_some()
}

/// Names and indices only; a name is anything without the characters that mean something in a path.
fn dotted(text: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    for (position, part) in text.split('.').enumerate() {
        let (name, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
        let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && !"$@*?'\"(),:]".contains(c);
        if !name.chars().all(is_plain) || (name.is_empty() && (position > 0 || indices.is_empty())) {
            return None;
        }
        if !name.is_empty() {
            segments.push(Segment::Child(vec![Selector::Name(name.to_owned())]));
        }
        if !indices.is_empty() {
            // Here and not at the end: a filter in each part would be compiled for nothing.
            segments.extend(parse::parse(&format!("${indices}")).ok().filter(|parsed| syntax::is_singular(parsed))?);
        }
    }
    Some(segments)
}
