//! What comes from outside, read by this crate: each target on its corpus and on changed inputs (CONTRIBUTING.md, Tests).

mod bundle;
mod checkpoint;
mod leaf;
mod note;
mod proof_file;
mod vkey;

use vouchsafe_ledger::{SigningKey, VerifierKey};

/// The keys that signed the corpus: the vectors' log and witness, and the log of the bundles.
fn known() -> Vec<VerifierKey> {
    let vkeys = include_str!("known-keys").lines().map(|vkey| VerifierKey::parse(vkey).expect("a vkey"));
    vkeys.chain([SigningKey::from_seed(&[7; 32]).verifier()]).collect()
}
