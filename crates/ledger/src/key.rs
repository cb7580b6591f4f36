//! The keys of C2SP signed notes: Ed25519, known by a name and an id.

use std::fmt;

use ed25519_dalek::{Signature, Signer};
use vouchsafe_core::hash::{Hash, sha256};

use crate::encoding::{base64, parse_base64};

/// What signs a log's checkpoints; its name is the log's origin.
#[derive(Debug, Clone)]
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is not `<name>+<8 hex>+<base64>`, the id is not the key's, or the key is of a type unknown here.
    #[error("`{0}` is no verifier key")]
    Vkey(String),
    /// A name is empty or has white space or a plus sign in it.
    #[error("`{0}` cannot name a key")]
    Name(String),
}

impl SigningKey {
    /// A new key from the operating system's random source, under its default origin.
    ///
    /// # Panics
    /// Where that source has nothing to give: there is no safe way on.
    #[must_use]
    pub fn generate() -> Self {
        let mut seed = Hash::default();
        getrandom::fill(&mut seed).expect("the operating system gives random bytes");
        Self::from_seed(&seed)
    }

    /// The key of this seed (RFC 8032's private key), under its default origin: `vouchsafe.local/` and the first 16 hex
    /// digits of SHA-256(public key).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let digest = hex::encode(sha256(&[key.verifying_key().as_bytes()]));
        Self { name: format!("vouchsafe.local/{}", &digest[..16]), key }
    }

    /// The same key under another origin.
    pub fn with_origin(self, origin: &str) -> Result<Self, KeyError> {
        if is_name(origin) {
            Ok(Self { name: origin.to_owned(), ..self })
        } else {
            Err(KeyError::Name(origin.to_owned()))
        }
    }

    /// The secret to keep: whoever has it can sign as this log.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// The key's name, which is its log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half; its text form is the vkey.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::new(self.name.clone(), Algorithm::Ed25519, self.key.verifying_key())
    }

    /// Ed25519 signature of a note's text.
    pub(crate) fn sign(&self, text: &str) -> [u8; 64] {
        self.key.sign(text.as_bytes()).to_bytes()
    }
}

/// A key that is trusted to sign notes; its text form is `<name>+<8 hex of its id>+base64(type ‖ public key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    algorithm: Algorithm,
    key: ed25519_dalek::VerifyingKey,
}

/// How a key signs a note, by the type byte of C2SP signed-note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    /// The text itself.
    Ed25519 = 1,
    /// A witness's statement of when it saw the text (C2SP tlog-cosignature, `cosignature/v1`).
    Cosignature = 4,
}

impl VerifierKey {
    fn new(name: String, algorithm: Algorithm, key: ed25519_dalek::VerifyingKey) -> Self {
        let digest = sha256(&[name.as_bytes(), b"\n", &[algorithm as u8], key.as_bytes()]);
        Self { name, id: [digest[0], digest[1], digest[2], digest[3]], algorithm, key }
    }

    /// Reads the text form.
    pub fn parse(vkey: &str) -> Result<Self, KeyError> {
        Self::read(vkey).filter(|key| key.to_string() == vkey).ok_or_else(|| KeyError::Vkey(vkey.to_owned()))
    }

    fn read(vkey: &str) -> Option<Self> {
        let (name, rest) = vkey.split_once('+')?;
        let (_, encoded) = rest.split_once('+')?;
        let decoded = parse_base64(encoded)?;
        let (algorithm, key) = decoded.split_first()?;
        let algorithm = match algorithm {
            1 => Algorithm::Ed25519,
            4 => Algorithm::Cosignature,
            _ => return None,
        };
        let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        (is_name(name) && !key.is_weak()).then(|| Self::new(name.to_owned(), algorithm, key))
    }

    /// The key's name; for a log's own key the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256(name ‖ "\n" ‖ type ‖ public key), by which a signature names its key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether the key signs as a log; a witness's key vouches for when a checkpoint was seen, not for what is in it.
    #[must_use]
    pub fn is_log_key(&self) -> bool {
        self.algorithm == Algorithm::Ed25519
    }

    /// Whether `signature` is this key's over a note's text.
    pub(crate) fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        let verifies = |message: &[u8], signature: &[u8]| {
            Signature::from_slice(signature).is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
        };
        match self.algorithm {
            Algorithm::Ed25519 => verifies(text.as_bytes(), signature),
            Algorithm::Cosignature => signature.split_first_chunk().is_some_and(|(time, signature)| {
                let time = u64::from_be_bytes(*time);
                verifies(format!("cosignature/v1\ntime {time}\n{text}").as_bytes(), signature)
            }),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let key = base64(&[&[self.algorithm as u8], self.key.as_bytes().as_slice()].concat());
        write!(formatter, "{}+{}+{key}", self.name, hex::encode(self.id))
    }
}

/// Whether a text can name a key: not empty, no white space, no plus sign (C2SP signed-note).
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}
