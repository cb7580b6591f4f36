//! Serde glue of the bundle's JSON: one spelling for each value.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An optional key's value: absent or a value, never null.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a text with `parse`.
fn text<'de, D: Deserializer<'de>, T>(deserializer: D, parse: fn(&str) -> Option<T>) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom("not in its canonical text form"))
}

/// The number 1, the version of the bundle's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(1)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(D::Error::custom(format_args!("bundle version {other} is not 1"))),
        }
    }
}

/// A `u64` as a decimal string.
pub(super) mod decimal {
    use super::{Deserializer, Serializer, text};
    use crate::encoding::parse_decimal;

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
    pub(crate) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        text(deserializer, parse_decimal)
    }
}

/// Bytes in base64.
pub(super) mod bytes {
    use super::{Deserializer, Serializer, text};
    use crate::encoding::{base64, parse_base64};

    pub(crate) fn serialize<S: Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64(value))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        text(deserializer, parse_base64)
    }
}

/// Bytes in base64, or null.
pub(super) mod nullable_bytes {
    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};
    use crate::encoding::{base64, parse_base64};

    #[allow(clippy::ref_option)] // serde's signature
    pub(crate) fn serialize<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(|bytes| base64(bytes)).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        parse_base64(&text).map(Some).ok_or_else(|| D::Error::custom("not in its canonical text form"))
    }
}

/// A list of byte strings in base64.
pub(super) mod byte_strings {
    use super::{Deserialize, Deserializer, Error, Serializer};
    use crate::encoding::{base64, parse_base64};

    pub(crate) fn serialize<S: Serializer>(value: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(|bytes| base64(bytes)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let all = texts.iter().map(|text| parse_base64(text)).collect::<Option<_>>();
        all.ok_or_else(|| D::Error::custom("bytes that are not canonical base64"))
    }
}

/// A path of the map: `[bit, hash]` each.
pub(super) mod path {
    use super::{Deserialize, Deserializer, Error, Serializer};
    use crate::encoding::{base64, parse_hash};
    use vouchsafe_core::hash::Hash;

    pub(crate) fn serialize<S: Serializer>(value: &[(u8, Hash)], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(|(bit, hash)| (bit, base64(hash))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(u8, Hash)>, D::Error> {
        let steps = Vec::<(u8, String)>::deserialize(deserializer)?;
        let path = steps.iter().map(|(bit, text)| Some((*bit, parse_hash(text)?))).collect::<Option<_>>();
        path.ok_or_else(|| D::Error::custom("a hash that is not 32 bytes of canonical base64"))
    }
}

/// 32 bytes in base64.
pub(super) mod hash {
    use super::{Deserializer, text};
    use crate::encoding::parse_hash;
    use vouchsafe_core::hash::Hash;

    pub(crate) use super::bytes::serialize;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        text(deserializer, parse_hash)
    }
}

/// A list of [`hash`]es.
pub(super) mod hashes {
    use super::{Deserialize, Deserializer, Error, Serializer};
    use crate::encoding::{base64, parse_hash};
    use vouchsafe_core::hash::Hash;

    pub(crate) fn serialize<S: Serializer>(value: &[Hash], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(|hash| base64(hash)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let hashes = texts.iter().map(|text| parse_hash(text)).collect::<Option<_>>();
        hashes.ok_or_else(|| D::Error::custom("a hash that is not 32 bytes of canonical base64"))
    }
}

/// Refuses the array of values that serde's derived reader would take for a struct (which has `remote = "Self"`).
macro_rules! object_only {
    ($($type:ident),+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectOnly;

                impl<'de> serde::de::Visitor<'de> for ObjectOnly {
                    type Value = $type;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                        formatter.write_str(concat!("an object: ", stringify!($type)))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        $type::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    }
                }

                deserializer.deserialize_map(ObjectOnly)
            }
        }
    )+};
}

pub(super) use object_only;
