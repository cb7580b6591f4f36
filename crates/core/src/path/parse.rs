//! Reads a `JSONPath` expression as RFC 9535 §2 has it: segments and selectors (filters: `filter.rs`).

use super::PathError;
use super::syntax::{Segment, Selector};

/// Largest index that RFC 9535 §2.1 allows, 2⁵³ − 1.
const MAX_INDEX: i64 = (1 << 53) - 1;

/// How deep brackets and parentheses may nest: the reader recurses, and a path comes from a model.
const MAX_NESTING: usize = 32;

/// How many regular expressions a path may have: one alone can take a tenth of a second to compile.
const MAX_PATTERNS: usize = 16;

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    nesting: usize,
    patterns: usize,
}

/// Reads a whole expression, `$` first.
pub(super) fn parse(text: &str) -> Result<Vec<Segment>, PathError> {
    let mut parser = Parser { text, at: 0, nesting: 0, patterns: 0 };
    parser.expect("$")?;
    let segments = parser.segments()?;
    if parser.at < text.len() {
        Err(parser.error("expected a segment: `.name`, `[…]` or `..`"))
    } else {
        Ok(segments)
    }
}

impl Parser<'_> {
    pub(super) fn segments(&mut self) -> Result<Vec<Segment>, PathError> {
        let mut segments = Vec::new();
        loop {
            let end = self.at;
            self.space();
            if self.eat("..") {
                let selectors = if self.eat("[") { self.bracketed()? } else { vec![self.shorthand()?] };
                segments.push(Segment::Descendant(selectors));
            } else if self.eat("[") {
                segments.push(Segment::Child(self.bracketed()?));
            } else if self.eat(".") {
                segments.push(Segment::Child(vec![self.shorthand()?]));
            } else {
                self.at = end;
                return Ok(segments);
            }
        }
    }

    fn shorthand(&mut self) -> Result<Selector, PathError> {
        if self.eat("*") {
            return Ok(Selector::Wildcard);
        }
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        let name = self.take_while(|c| is_first(c) || c.is_ascii_digit());
        match name.chars().next() {
            Some(first) if is_first(first) => Ok(Selector::Name(name.to_owned())),
            _ => {
                self.at -= name.len();
                Err(self.error("expected a name of letters, digits and `_` (write others as ['name'])"))
            }
        }
    }

    fn bracketed(&mut self) -> Result<Vec<Selector>, PathError> {
        self.nested(|parser| {
            let mut selectors = Vec::new();
            loop {
                parser.space();
                selectors.push(parser.selector()?);
                parser.space();
                if parser.eat("]") {
                    return Ok(selectors);
                }
                parser.expect(",")?;
            }
        })
    }

    /// Runs `read` one level deeper.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, PathError>) -> Result<T, PathError> {
        if self.nesting == MAX_NESTING {
            return Err(self.error("brackets nest too deep"));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    /// Counts a regular expression.
    pub(super) fn count_pattern(&mut self) -> Result<(), PathError> {
        self.patterns += 1;
        if self.patterns > MAX_PATTERNS { Err(self.error("too many regular expressions")) } else { Ok(()) }
    }

    fn selector(&mut self) -> Result<Selector, PathError> {
        match self.peek() {
            Some('\'' | '"') => Ok(Selector::Name(self.string()?)),
            Some('*') => {
                self.at += 1;
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.at += 1;
                self.space();
                Ok(Selector::Filter(self.any_of()?))
            }
            _ => self.index_or_slice(),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, PathError> {
        let start = self.optional_integer()?;
        let end_of_start = self.at;
        self.space();
        if !self.eat(":") {
            self.at = end_of_start;
            return start
                .map(Selector::Index)
                .ok_or_else(|| self.error("expected a name, an index, a slice, `*` or `?`"));
        }
        self.space();
        let end = self.optional_integer()?;
        let end_of_end = self.at;
        self.space();
        if !self.eat(":") {
            self.at = end_of_end;
            return Ok(Selector::Slice { start, end, step: 1 });
        }
        self.space();
        let step = self.optional_integer()?.unwrap_or(1);
        Ok(Selector::Slice { start, end, step })
    }

    fn optional_integer(&mut self) -> Result<Option<i64>, PathError> {
        let start = self.at;
        let negative = self.eat("-");
        let digits = self.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() && !negative {
            return Ok(None);
        }
        let canonical = digits == "0" && !negative || !digits.is_empty() && !digits.starts_with('0');
        match digits.parse::<i64>() {
            Ok(number) if canonical && number <= MAX_INDEX => Ok(Some(if negative { -number } else { number })),
            _ => {
                self.at = start;
                Err(self.error("expected an integer between -(2^53-1) and 2^53-1 without leading zeros"))
            }
        }
    }

    /// White space as RFC 9535 has it.
    pub(super) fn space(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), PathError> {
        if self.eat(token) { Ok(()) } else { Err(self.error(&format!("expected `{token}`"))) }
    }

    pub(super) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(super) fn error(&self, message: &str) -> PathError {
        PathError { position: self.text[..self.at].chars().count(), message: message.to_owned() }
    }
}
