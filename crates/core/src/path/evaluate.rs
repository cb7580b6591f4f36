//! Selects nodes, each with its place, at a bounded cost.

use super::pattern::Compiled;
use super::place::{Place, Step};
use super::syntax::{Segment, Selector};
use super::{Located, TooCostly};
use serde_json::Value;
use std::cell::Cell;
use std::rc::Rc;

/// Visits that one evaluation may make, enough for `$..*` on a body of 4 MiB that is nested as records are:
/// `$..[0,0]..[0,0]` and its like would otherwise never end.
const MAX_VISITS: u64 = 5_000_000;

/// Steps of a selected node's place that count as one visit: millions of nodes, 128 deep, would fill the memory.
const STEPS_PER_VISIT: usize = 4;

/// A node on the way, which knows its parent rather than its whole place.
#[derive(Clone)]
pub(super) struct Node<'v> {
    pub(super) value: &'v Value,
    trail: Option<Rc<Trail<'v>>>,
}

struct Trail<'v> {
    parent: Option<Rc<Trail<'v>>>,
    step: Step<'v>,
}

impl<'v> Node<'v> {
    pub(super) fn root(value: &'v Value) -> Self {
        Self { value, trail: None }
    }

    fn child(&self, step: Step<'v>, value: &'v Value) -> Self {
        Self { value, trail: Some(Rc::new(Trail { parent: self.trail.clone(), step })) }
    }

    fn children(&self) -> Box<dyn Iterator<Item = Self> + '_> {
        match self.value {
            Value::Array(list) => Box::new(list.iter().enumerate().map(|(i, value)| self.child(Step::Index(i), value))),
            Value::Object(object) => Box::new(object.iter().map(|(name, value)| self.child(Step::Name(name), value))),
            _ => Box::new(std::iter::empty()),
        }
    }

    fn located(&self) -> Located<'v> {
        let mut steps = Vec::new();
        let mut trail = self.trail.as_ref();
        while let Some(passed) = trail {
            steps.push(passed.step);
            trail = passed.parent.as_ref();
        }
        steps.reverse();
        Located { place: Place(steps), value: self.value }
    }
}

pub(super) struct Evaluation<'v> {
    pub(super) root: &'v Value,
    visits: Cell<u64>,
    pub(super) compiled: Compiled,
    /// The string that stands for what was redacted, and whether a filter has read it.
    pub(super) hidden: Option<&'v str>,
    pub(super) read_hidden: Cell<bool>,
}

impl<'v> Evaluation<'v> {
    pub(super) fn new(root: &'v Value, hidden: Option<&'v str>) -> Self {
        Self { root, visits: Cell::new(0), compiled: Compiled::default(), hidden, read_hidden: Cell::new(false) }
    }

    pub(super) fn charge(&self, visits: usize) -> Result<(), TooCostly> {
        self.visits.set(self.visits.get().saturating_add(visits as u64));
        if self.visits.get() > MAX_VISITS { Err(TooCostly) } else { Ok(()) }
    }

    pub(super) fn locate(&self, node: &Node<'v>) -> Result<Located<'v>, TooCostly> {
        let located = node.located();
        self.charge(located.place.0.len() / STEPS_PER_VISIT)?;
        Ok(located)
    }

    pub(super) fn select(&self, start: &'v Value, segments: &[Segment]) -> Result<Vec<Node<'v>>, TooCostly> {
        let mut nodes = vec![Node::root(start)];
        for segment in segments {
            let mut selected = Vec::new();
            for node in &nodes {
                match segment {
                    Segment::Child(selectors) => self.children(node, selectors, &mut selected)?,
                    Segment::Descendant(selectors) => self.descendants(node, selectors, &mut selected)?,
                }
            }
            nodes = selected;
        }
        Ok(nodes)
    }

    fn descendants(
        &self,
        node: &Node<'v>,
        selectors: &[Selector],
        selected: &mut Vec<Node<'v>>,
    ) -> Result<(), TooCostly> {
        self.children(node, selectors, selected)?;
        node.children().try_for_each(|child| self.descendants(&child, selectors, selected))
    }

    fn children(&self, node: &Node<'v>, selectors: &[Selector], selected: &mut Vec<Node<'v>>) -> Result<(), TooCostly> {
        for selector in selectors {
            self.charge(1)?;
            match (selector, node.value) {
                (Selector::Name(name), Value::Object(object)) => {
                    selected
                        .extend(object.get_key_value(name).map(|(name, value)| node.child(Step::Name(name), value)));
                }
                (Selector::Index(index), Value::Array(list)) => {
                    let index = from_end(*index, list.len()).and_then(|index| usize::try_from(index).ok());
                    selected.extend(index.and_then(|i| list.get(i).map(|value| node.child(Step::Index(i), value))));
                }
                (Selector::Slice { start, end, step }, Value::Array(list)) => {
                    let indices = slice(*start, *end, *step, list.len());
                    self.charge(indices.len())?;
                    selected.extend(indices.into_iter().map(|i| node.child(Step::Index(i), &list[i])));
                }
                (Selector::Wildcard, _) => {
                    for child in node.children() {
                        self.charge(1)?;
                        selected.push(child);
                    }
                }
                (Selector::Filter(test), _) => {
                    for child in node.children() {
                        self.charge(1)?;
                        if self.holds(test, child.value)? {
                            selected.push(child);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn from_end(index: i64, length: usize) -> Option<i64> {
    if index < 0 { index.checked_add_unsigned(length as u64) } else { Some(index) }
}

/// The indices of a slice, RFC 9535 §2.3.4.2.2.
fn slice(start: Option<i64>, end: Option<i64>, step: i64, length: usize) -> Vec<usize> {
    let count = i64::try_from(length).unwrap_or(i64::MAX);
    let bound = |index: i64, low, high| (if index < 0 { index + count } else { index }).clamp(low, high);
    let (mut at, end) = if step >= 0 {
        (bound(start.unwrap_or(0), 0, count), bound(end.unwrap_or(count), 0, count))
    } else {
        (bound(start.unwrap_or(count - 1), -1, count - 1), end.map_or(-1, |end| bound(end, -1, count - 1)))
    };
    let mut indices = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        indices.extend(usize::try_from(at));
        at = at.saturating_add(step);
    }
    indices
}
