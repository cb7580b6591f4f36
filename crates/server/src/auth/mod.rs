//! Who asks, and what they may.
//!
//! - `token_file`: the keys that the operator hands out
//! - `keys`: finding a presented key among them and the integrations' keys
//! - `integration`: keys that are derived, so that they can be handed out again without being kept
//! - `caller`: who a key belongs to and what it may do

mod caller;
mod integration;
mod keys;
mod token_file;

pub use caller::{Caller, Only, Scope};
pub use integration::IntegrationKeys;
pub use keys::Keys;
pub use token_file::{Entry, TokenFile};

/// SHA-256 of a key, which is all that is kept of it.
type KeyHash = [u8; 32];

fn hash(key: &str) -> KeyHash {
    use sha2::{Digest, Sha256};
    Sha256::digest(key.as_bytes()).into()
}

/// 32 random bytes in hex.
pub fn fresh() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    hex::encode(bytes)
}
