//! What comes from outside, read by this crate: each target on its corpus and on changed inputs (CONTRIBUTING.md, Tests).

mod body;
mod claim;
mod path;
mod query;
mod row;
mod table;
mod url;
mod wire_claim;

/// The first line of an input, and what follows it.
fn first_line(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    (&input[..end], input.get(end + 1..).unwrap_or_default())
}
