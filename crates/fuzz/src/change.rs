//! Changes that keep much of an input's form.

use crate::MAX_BYTES;
use proptest::prelude::{Just, Strategy, any as arbitrary, prop_oneof};
use proptest::sample::{Index, select};
use std::ops::Range;

/// Tokens at which readers of JSON, base64, decimals and paths part ways.
const TOKENS: &[&[u8]] = &[
    b"",
    b"0",
    b"-0",
    b"1",
    b"01",
    b"+1",
    b"0.5",
    b"1e400",
    b"-1e-99999999999999999999",
    b"1E5",
    b"255",
    b"256",
    b"65536",
    b"9007199254740993",
    b"18446744073709551615",
    b"18446744073709551616",
    b"null",
    b"true",
    b"NaN",
    b"\"",
    b"\\",
    b"'",
    b"\\u0000",
    b"\\ud800",
    b"\\u00e9",
    b"\"\"",
    b"[]",
    b"{}",
    b"[",
    b"]",
    b"{",
    b"}",
    b"(",
    b")",
    b",",
    b":",
    b";",
    b".",
    b"..",
    b"*",
    b"$",
    b"@",
    b"?",
    b"!",
    b"&&",
    b"||",
    b"==",
    b"<",
    b"=",
    b"&",
    b"/",
    b"//",
    b"#",
    b"%",
    b"%2F",
    b"+",
    b"-",
    b" ",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\t",
    b"\0",
    b"\x7f",
    b"\xff",
    b"\xc3\xa9",
    b"e\xcc\x81",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x92\xa9",
    b"A",
    b"AA==",
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    b"0000000000000000000000000000000000000000000000000000000000000000",
    b"00000000-0000-7000-8000-000000000001",
];

/// A step from one input to another.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// One byte in the place of another.
    Byte(Index, u8),
    /// A token in the place of a word.
    Word(Index, &'static [u8]),
    /// A word of some file of the corpus in the place of a word.
    Borrowed(Index, Index, Index),
    /// A token more.
    Token(Index, &'static [u8]),
    /// A stretch less.
    Without(Index, Index),
    /// A stretch of some file of the corpus more.
    Spliced(Index, Index, Index, Index),
    /// A stretch again and again.
    Repeated(Index, Index, usize),
}

/// Any change.
pub(crate) fn any() -> impl Strategy<Value = Change> {
    let at = arbitrary::<Index>;
    let token = || select(TOKENS);
    let times = prop_oneof![8 => Just(1), 4 => 2..40_usize, 1 => Just(MAX_BYTES)];
    prop_oneof![
        2 => (at(), arbitrary::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        4 => (at(), token()).prop_map(|(at, token)| Change::Word(at, token)),
        4 => (at(), at(), at()).prop_map(|(at, file, from)| Change::Borrowed(at, file, from)),
        2 => (at(), token()).prop_map(|(at, token)| Change::Token(at, token)),
        2 => (at(), at()).prop_map(|(from, to)| Change::Without(from, to)),
        1 => (at(), at(), at(), at()).prop_map(|(at, file, from, to)| Change::Spliced(at, file, from, to)),
        2 => (at(), at(), times).prop_map(|(from, to, times)| Change::Repeated(from, to, times)),
    ]
}

impl Change {
    /// Changes the input; `content` gives the files of the corpus.
    pub(crate) fn apply<'c>(&self, input: &mut Vec<u8>, content: impl Fn(Index) -> &'c [u8]) {
        match *self {
            Self::Byte(at, byte) if !input.is_empty() => {
                let at = at.index(input.len());
                input[at] = byte;
            }
            Self::Byte(_, byte) => input.push(byte),
            Self::Word(at, token) => replace(input, word(input, at), token),
            Self::Borrowed(at, file, from) => {
                let lender = content(file);
                replace(input, word(input, at), &lender[word(lender, from)]);
            }
            Self::Token(at, token) => {
                let at = at.index(input.len() + 1);
                replace(input, at..at, token);
            }
            Self::Without(from, to) => replace(input, stretch(input, from, to), &[]),
            Self::Spliced(at, file, from, to) => {
                let (at, lender) = (at.index(input.len() + 1), content(file));
                replace(input, at..at, &lender[stretch(lender, from, to)]);
            }
            Self::Repeated(from, to, times) => {
                let range = stretch(input, from, to);
                let again = input[range.clone()].repeat(times.min(MAX_BYTES / range.len().max(1)));
                replace(input, range.end..range.end, &again);
            }
        }
    }
}

fn replace(input: &mut Vec<u8>, range: Range<usize>, with: &[u8]) {
    input.splice(range, with.iter().copied());
}

/// A stretch of an input, short ones more often than long ones.
fn stretch(input: &[u8], from: Index, to: Index) -> Range<usize> {
    let start = from.index(input.len() + 1);
    let end = start + to.index(input.len() - start + 1);
    let shorter = start + (end - start) % 32;
    if to.index(4) > 0 { start..shorter } else { start..end }
}

/// The word at a place: letters, digits and what stands inside numbers, names and base64.
fn word(input: &[u8], at: Index) -> Range<usize> {
    let at = at.index(input.len() + 1);
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-_./=".contains(byte) || !byte.is_ascii();
    let start = input[..at].iter().rposition(|byte| !belongs(byte)).map_or(0, |before| before + 1);
    let end = input[at..].iter().position(|byte| !belongs(byte)).map_or(input.len(), |length| at + length);
    start..end
}
