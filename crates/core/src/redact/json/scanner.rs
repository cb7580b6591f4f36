//! One pass over JSON text, without recursion: a body's nesting costs no stack.

use super::{Edits, JsonRules, decode, is_credential_key};
use crate::json_text::{number_end, skip_space, string_end};
use crate::path;
use crate::redact::path::Step;
use std::borrow::Cow;
use std::ops::Range;

/// Deeper text is taken for no JSON.
const MAX_DEPTH: usize = 100_000;

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    rules: &'a JsonRules,
    root: &'a str,
    /// Where the value at hand stands: the containers that are open around it.
    stack: Vec<Place>,
    /// The start and depth of the value that is being redacted.
    open: Option<(usize, usize)>,
    edits: Edits,
}

/// A place in a container.
enum Place {
    /// In an object, under the key with this inside.
    Member(Range<usize>),
    /// In an array.
    Element(usize),
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, rules: &'a JsonRules, root: &'a str) -> Self {
        // A byte order mark is no JSON, but some servers send one and readers forgive it.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, rules, root, stack: Vec::new(), open: None, edits: Edits::default() }
    }

    pub(super) fn run(mut self) -> Option<Edits> {
        loop {
            self.skip_space();
            if self.open.is_none() && self.is_ruled() {
                self.open = Some((self.at, self.stack.len()));
            }
            if self.enter()? {
                continue;
            }
            loop {
                self.end_value();
                if self.stack.is_empty() {
                    self.skip_space();
                    return (self.at == self.text.len()).then_some(self.edits);
                }
                if self.next_sibling()? {
                    break;
                }
            }
        }
    }

    /// Goes over a value that is no container or empty, or into one, up to its first value: then `true`.
    fn enter(&mut self) -> Option<bool> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at = match rest.first()? {
            b'{' | b'[' => return self.enter_container(),
            b'"' => string_end(self.text.as_bytes(), self.at)?,
            b't' if rest.starts_with(b"true") => self.at + 4,
            b'f' if rest.starts_with(b"false") => self.at + 5,
            b'n' if rest.starts_with(b"null") => self.at + 4,
            _ => number_end(self.text.as_bytes(), self.at)?,
        };
        Some(false)
    }

    fn enter_container(&mut self) -> Option<bool> {
        let is_object = self.take(b'{').is_some();
        if !is_object {
            self.take(b'[')?;
        }
        self.skip_space();
        if self.take(if is_object { b'}' } else { b']' }).is_some() {
            return Some(false);
        }
        if self.stack.len() == MAX_DEPTH {
            return None;
        }
        let place = if is_object { Place::Member(self.key()?) } else { Place::Element(0) };
        self.stack.push(place);
        Some(true)
    }

    /// Goes on to the next value of the innermost container: then `true`; or out of it.
    fn next_sibling(&mut self) -> Option<bool> {
        self.skip_space();
        let is_next = self.take(b',').is_some();
        match self.stack.last_mut()? {
            Place::Element(index) if is_next => *index += 1,
            Place::Member(_) if is_next => {
                self.skip_space();
                let key = self.key()?;
                *self.stack.last_mut()? = Place::Member(key);
            }
            Place::Element(_) => self.take(b']')?,
            Place::Member(_) => self.take(b'}')?,
        }
        if !is_next {
            self.stack.pop();
        }
        Some(is_next)
    }

    fn end_value(&mut self) {
        if let Some((start, depth)) = self.open
            && depth == self.stack.len()
        {
            self.open = None;
            self.edits.spans.push(start..self.at);
            if !self.edits.is_listed_whole() {
                let place = self.place();
                self.edits.list(place);
            }
        }
    }

    /// A key's inside, up to the colon's end.
    fn key(&mut self) -> Option<Range<usize>> {
        let start = self.at + 1;
        (self.text.as_bytes().get(self.at) == Some(&b'"')).then_some(())?;
        let end = string_end(self.text.as_bytes(), self.at)?;
        self.at = end;
        self.skip_space();
        self.take(b':')?;
        Some(start..end - 1)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.text.as_bytes().get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    fn skip_space(&mut self) {
        self.at = skip_space(self.text.as_bytes(), self.at);
    }

    /// Whether a rule is about the value at hand.
    fn is_ruled(&self) -> bool {
        let by_key = matches!(self.stack.last(), Some(Place::Member(key)) if is_credential_key(&self.name(key)));
        by_key || self.rules.paths.iter().any(|path| self.is_at(path))
    }

    fn is_at(&self, path: &[Step]) -> bool {
        path.len() == self.stack.len()
            && path.iter().zip(&self.stack).all(|(step, place)| match (step, place) {
                (Step::Name(name), Place::Member(key)) => self.name(key) == name.as_str(),
                (Step::Index(wanted), Place::Element(index)) => wanted == index,
                _ => false,
            })
    }

    fn name(&self, key: &Range<usize>) -> Cow<'a, str> {
        let inside = &self.text[key.clone()];
        if inside.contains('\\') { decode(inside).into() } else { inside.into() }
    }

    /// The normalized path of the value at hand, with plain names after a dot.
    fn place(&self) -> String {
        let mut place = self.root.to_owned();
        for step in &self.stack {
            match step {
                Place::Element(index) => place.extend(["[", &index.to_string(), "]"]),
                Place::Member(key) => match &*self.name(key) {
                    name if is_plain(name) => place.extend([".", name]),
                    name => place += &path::Place(vec![path::Step::Name(name)]).to_string()["$".len()..],
                },
            }
        }
        place
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
