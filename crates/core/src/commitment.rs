//! Commitments: a row names each field's bytes without giving them away.

use crate::hash::Hash;
use crate::random::random;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// A field that a row commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The redacted URL.
    Url,
    /// The request body.
    Request,
    /// The request headers.
    RequestHeaders,
    /// The response body.
    Response,
    /// The response headers.
    ResponseHeaders,
    /// SHA-256 of the response body's complete wire bytes.
    Wire,
}

impl Field {
    /// The field's name: in key derivation, in a bundle's `fields`, and after `c_` in the row.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Request => "request",
            Self::RequestHeaders => "request_headers",
            Self::Response => "response",
            Self::ResponseHeaders => "response_headers",
            Self::Wire => "wire",
        }
    }
}

/// A row's secret: 32 random bytes that never leave the store.
#[derive(Clone, PartialEq, Eq)]
pub struct RowKey(pub [u8; 32]);

impl RowKey {
    /// A new key from the operating system's random source; panics if that has none to give, since a guessable key
    /// would give away every withheld field.
    #[must_use]
    pub fn random() -> Self {
        Self(random())
    }

    /// HMAC-SHA256(row key, field name): what discloses this field, and only this one.
    #[must_use]
    pub fn field_key(&self, field: Field) -> Hash {
        self.committer().field_key(field)
    }

    /// The key made ready for several fields.
    pub(crate) fn committer(&self) -> Committer {
        Committer(keyed(&self.0))
    }
}

impl fmt::Debug for RowKey {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("RowKey(secret)")
    }
}

/// A row key whose HMAC state is set up once for all fields of the row.
pub(crate) struct Committer(Hmac<Sha256>);

impl Committer {
    /// The commitment of a field's stored bytes.
    pub(crate) fn commit(&self, field: Field, bytes: &[u8]) -> Hash {
        commit(&self.field_key(field), bytes)
    }

    fn field_key(&self, field: Field) -> Hash {
        finish(self.0.clone(), field.name().as_bytes())
    }
}

/// HMAC-SHA256(field key, stored bytes): the commitment that stands in the row. To check a disclosed field is to compare
/// this with the row's `c_<field>`.
#[must_use]
pub fn commit(field_key: &Hash, bytes: &[u8]) -> Hash {
    finish(keyed(field_key), bytes)
}

fn keyed(key: &Hash) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn finish(mut mac: Hmac<Sha256>, bytes: &[u8]) -> Hash {
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}
