//! Serde glue of the canonical formats: one spelling for each value, and every key present.

use crate::hash::Hash;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use std::borrow::Cow;

/// An optional value whose key must be there: serde reads a missing key as `None` unless a field names its reader.
pub(crate) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// A `u64` as a decimal string without sign or leading zeros: JSON numbers above 2⁵³ do not survive every parser.
pub(crate) mod decimal {
    use super::{Cow, Deserialize, Deserializer, Error, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
    pub(crate) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        parse(&Cow::<str>::deserialize(deserializer)?)
    }

    pub(super) fn parse<E: Error>(text: &str) -> Result<u64, E> {
        let canonical = text == "0" || text.starts_with(|first: char| matches!(first, '1'..='9'));
        text.parse()
            .ok()
            .filter(|_| canonical)
            .ok_or_else(|| E::custom(format_args!("`{text}` is no canonical decimal below 2^64")))
    }
}

/// A nullable [`decimal`].
pub(crate) mod nullable_decimal {
    use super::{Cow, Deserialize, Deserializer, Serializer, decimal};

    #[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)] // serde's signature
    pub(crate) fn serialize<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
        Option::<Cow<str>>::deserialize(deserializer)?.map(|text| decimal::parse(&text)).transpose()
    }
}

/// A nullable hash as 64 lower-case hex digits.
pub(crate) mod nullable_hash {
    use super::{Cow, Deserialize, Deserializer, Error, Hash, Serializer};

    #[allow(clippy::ref_option)] // serde's signature
    pub(crate) fn serialize<S: Serializer>(value: &Option<Hash>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 64];
        match value {
            Some(hash) => {
                hex::encode_to_slice(hash, &mut digits).expect("64 digits hold 32 bytes");
                serializer.serialize_str(std::str::from_utf8(&digits).expect("hex digits are ASCII"))
            }
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hash>, D::Error> {
        Option::<Cow<str>>::deserialize(deserializer)?.map(|text| parse(&text)).transpose()
    }

    fn parse<E: Error>(text: &str) -> Result<Hash, E> {
        let mut hash = Hash::default();
        let lower_case = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        if lower_case && hex::decode_to_slice(text, &mut hash).is_ok() {
            return Ok(hash);
        }
        Err(E::custom(format_args!("`{text}` is not 64 lower-case hex digits")))
    }
}
