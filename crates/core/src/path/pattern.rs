//! The regular expressions of RFC 9485 (I-Regexp) on a linear engine.

use regex::{Regex, RegexBuilder};

/// Bytes that one compiled expression may take: `(a{1000}){1000}` is refused, not built.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// Compiles an expression that must match the whole text, or any part of it; `None` where it is none.
pub(super) fn compile(pattern: &str, whole: bool) -> Option<Regex> {
    let translated = translate(pattern);
    let anchored = if whole { format!(r"\A(?:{translated})\z") } else { translated };
    RegexBuilder::new(&anchored).size_limit(MAX_COMPILED_BYTES).build().ok()
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
