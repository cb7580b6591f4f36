//! What comes from outside, read by this crate: each target on its corpus and on changed inputs (CONTRIBUTING.md, Tests).

mod payload;
