//! Where in a value a node is: RFC 9535's normalized paths.

use std::fmt;

/// One step down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'v> {
    /// To the member of an object.
    Name(&'v str),
    /// To the element of a list, from 0.
    Index(usize),
}

/// The steps from the root to a node; shown as a normalized path, `$['a'][0]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'v>(pub Vec<Step<'v>>);

impl Place<'_> {
    /// Whether one of both is inside the other, or they are the same.
    pub(crate) fn overlaps(&self, other: &Place) -> bool {
        self.0.iter().zip(&other.0).all(|(left, right)| left == right)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("$")?;
        self.0.iter().try_for_each(|step| match step {
            Step::Index(index) => write!(formatter, "[{index}]"),
            Step::Name(name) => {
                formatter.write_str("['")?;
                name.chars().try_for_each(|character| write_escaped(formatter, character))?;
                formatter.write_str("']")
            }
        })
    }
}

/// RFC 9535 §2.7.
fn write_escaped(formatter: &mut fmt::Formatter, character: char) -> fmt::Result {
    match character {
        '\u{8}' => formatter.write_str("\\b"),
        '\u{c}' => formatter.write_str("\\f"),
        '\n' => formatter.write_str("\\n"),
        '\r' => formatter.write_str("\\r"),
        '\t' => formatter.write_str("\\t"),
        '\'' => formatter.write_str("\\'"),
        '\\' => formatter.write_str("\\\\"),
        _ if character < ' ' => write!(formatter, "\\u{:04x}", u32::from(character)),
        _ => write!(formatter, "{character}"),
    }
}
