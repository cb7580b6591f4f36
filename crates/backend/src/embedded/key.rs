//! The signing key's file: `<dir>/key`, read by its owner only, in the text form of Go's `sumdb/note`.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use vouchsafe_ledger::{KeyError, SigningKey};
use vouchsafe_store::dir::write_secret;

use crate::BackendError;

const PREFIX: &str = "PRIVATE+KEY+";
const ED25519: u8 = 1;

/// Reads the key, or makes one where the log is new; an old log never gets a new key.
pub(super) fn load(path: &Path, origin: Option<&str>, log_is_new: bool) -> Result<SigningKey, BackendError> {
    let unusable = |why: &dyn std::fmt::Display| BackendError::Key(format!("{}: {why}", path.display()));
    if !path.exists() {
        if !log_is_new {
            return Err(unusable(&"is missing, and a log keeps the key that it began with"));
        }
        let key = generate(origin).map_err(|error| unusable(&error))?;
        match write_secret(path, &to_text(&key)) {
            Ok(()) => {}
            // Another process made it in the meantime: that one counts.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unusable(&error)),
        }
    }
    let key = read_key(path)?;
    match origin {
        Some(origin) if origin != key.name() => {
            Err(unusable(&format!("belongs to the origin {}, not to {origin}", key.name())))
        }
        _ => Ok(key),
    }
}

/// A new key for a log of this name, or of a name that follows from the key.
pub(crate) fn generate(origin: Option<&str>) -> Result<SigningKey, KeyError> {
    let key = SigningKey::generate();
    match origin {
        Some(origin) => key.with_origin(origin),
        None => Ok(key),
    }
}

/// Reads a key that is there.
pub fn read_key(path: &Path) -> Result<SigningKey, BackendError> {
    let unusable = |why: &dyn std::fmt::Display| BackendError::Key(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| unusable(&error))?;
    parse(text.trim()).ok_or_else(|| unusable(&"holds no key"))
}

pub(crate) fn to_text(key: &SigningKey) -> String {
    let secret = STANDARD.encode([&[ED25519], key.seed().as_slice()].concat());
    format!("{PREFIX}{}+{}+{secret}\n", key.name(), hex::encode(key.verifier().id()))
}

pub(crate) fn parse(text: &str) -> Option<SigningKey> {
    let mut parts = text.strip_prefix(PREFIX)?.splitn(3, '+');
    let (name, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let secret = STANDARD.decode(secret).ok()?;
    let (&ED25519, seed) = secret.split_first()? else { return None };
    let key = SigningKey::from_seed(seed.try_into().ok()?).with_origin(name).ok()?;
    (hex::encode(key.verifier().id()) == id).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_itself_and_a_changed_one_is_refused() {
        let key = SigningKey::generate();
        let text = to_text(&key);
        assert_eq!(parse(text.trim()).unwrap().seed(), key.seed());
        assert!(parse(&text.trim().replace("vouchsafe.local", "elsewhere.local")).is_none());
        assert!(parse("PRIVATE+KEY+a+b").is_none());
    }
}
