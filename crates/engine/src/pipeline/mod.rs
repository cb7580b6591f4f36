//! From claims to a verdict: build a handoff from the backend's answers, evaluate it with keys.
//!
//! - `build`, `stages`: fence, group; query, prove, fetch
//! - `anchor`: the checkpoint that the answers stand under
//! - `group`: claims that ask the same query share a record
//! - `coverage`: whether a recorder was watching where a claim finds nothing
//! - `disclose`: what of the rows' fields is given away
//! - `completeness`: whether a proof covers enough to decide
//! - `candidates`: a bundle's rows as what a claim is judged on
//! - `evaluate`: check the proofs, judge the claims
//! - `trust`: what of a handoff's checkpoint can be believed
//! - `trace`: what is kept of a verdict
//! - `verify`: build and evaluate in one go, with a verdict whatever happens

mod anchor;
mod build;
mod candidates;
mod completeness;
mod coverage;
mod disclose;
pub(crate) mod evaluate;
mod group;
mod stages;
mod trace;
mod trust;
mod verify;
