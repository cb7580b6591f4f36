//! What a `JSONPath` expression says, as a tree.

use super::place::Step;
use regex::Regex;
use serde_json::Value;

#[derive(Debug, Clone)]
pub(super) enum Segment {
    Child(Vec<Selector>),
    Descendant(Vec<Selector>),
}

impl Segment {
    /// The one step that the segment takes, where it is a name or an index from the front.
    pub(super) fn step(&self) -> Option<Step<'_>> {
        match self {
            Self::Child(selectors) => match &selectors[..] {
                [Selector::Name(name)] => Some(Step::Name(name)),
                [Selector::Index(index)] => usize::try_from(*index).ok().map(Step::Index),
                _ => None,
            },
            Self::Descendant(_) => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Selector {
    Name(String),
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Wildcard,
    Filter(Test),
}

/// A query inside a filter.
#[derive(Debug, Clone)]
pub(super) struct Query {
    /// `$` rather than `@`.
    pub(super) from_root: bool,
    pub(super) segments: Vec<Segment>,
}

/// What a filter asks of each member.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Any(Vec<Test>),
    All(Vec<Test>),
    Not(Box<Test>),
    Exists(Query),
    Compare(Operand, Operator, Operand),
    Matches { text: Operand, pattern: Pattern },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// An expression with at most one value.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Literal(Value),
    /// A singular query.
    Query(Query),
    /// The function `length`.
    Length(Box<Operand>),
    /// The function `count`.
    Count(Query),
    /// The function `value`.
    ValueOf(Query),
}

/// The second argument of `match` (the whole text) and `search` (any part of it).
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// A literal, compiled once; `None` where it is no expression, and nothing matches.
    Fixed(Option<Regex>),
    Computed {
        pattern: Operand,
        whole: bool,
    },
}

/// Whether the segments select at most one node, whatever the value.
pub(super) fn is_singular(segments: &[Segment]) -> bool {
    segments.iter().all(|segment| matches!(segment, Segment::Child(selectors) if matches!(selectors[..], [Selector::Name(_) | Selector::Index(_)])))
}
