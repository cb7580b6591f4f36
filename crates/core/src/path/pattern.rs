//! The regular expressions of RFC 9485 (I-Regexp) on a linear engine.

use super::TooCostly;
use regex::{Regex, RegexBuilder};
use std::cell::RefCell;
use std::collections::HashMap;

/// Bytes that one compiled expression may take: `(a{1000}){1000}` is refused, not built.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// The expressions that one evaluation has taken from the value, compiled once each.
#[derive(Default)]
pub(super) struct Compiled(RefCell<HashMap<String, Option<Regex>>>);

impl Compiled {
    /// Whether `subject` matches; `pay` is asked before an expression is compiled that has not been.
    pub(super) fn is_match(
        &self,
        pattern: &str,
        whole: bool,
        subject: &str,
        pay: impl FnOnce() -> Result<(), TooCostly>,
    ) -> Result<bool, TooCostly> {
        let expression = anchored(pattern, whole);
        let mut compiled = self.0.borrow_mut();
        if !compiled.contains_key(&expression) {
            pay()?;
            compiled.insert(expression.clone(), build(&expression));
        }
        Ok(compiled[&expression].as_ref().is_some_and(|expression| expression.is_match(subject)))
    }
}

/// Compiles an expression that must match the whole text, or any part of it; `None` where it is none.
pub(super) fn compile(pattern: &str, whole: bool) -> Option<Regex> {
    build(&anchored(pattern, whole))
}

fn build(expression: &str) -> Option<Regex> {
    RegexBuilder::new(expression).size_limit(MAX_COMPILED_BYTES).build().ok()
}

fn anchored(pattern: &str, whole: bool) -> String {
    let translated = translate(pattern);
    if whole { format!(r"\A(?:{translated})\z") } else { translated }
}

/// I-Regexp's `.` excludes U+000D too, which the engine's does not.
fn translate(pattern: &str) -> String {
    let mut translated = String::with_capacity(pattern.len());
    let (mut escaped, mut in_class) = (false, false);
    for character in pattern.chars() {
        match character {
            '.' if !escaped && !in_class => translated.push_str(r"[^\n\r]"),
            _ => translated.push(character),
        }
        in_class = match character {
            '[' if !escaped => true,
            ']' if !escaped => false,
            _ => in_class,
        };
        escaped = character == '\\' && !escaped;
    }
    translated
}
