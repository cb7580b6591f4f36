//! Hashes of the map's nodes. The empty map's root is [`EMPTY_MAP_ROOT`](crate::EMPTY_MAP_ROOT).

use vouchsafe_core::hash::{Hash, sha256};

/// SHA-256(0x00 ‖ uvarint length of the key ‖ key ‖ uvarint length of the value ‖ value).
#[must_use]
pub fn leaf_hash(key: &[u8], value: &[u8]) -> Hash {
    sha256(&[&[0], &uvarint(key.len()), key, &uvarint(value.len()), value])
}

/// SHA-256(0x01 ‖ uvarint bit ‖ left ‖ right), where the keys on both sides agree on every bit before `bit`, which is 0
/// on the left and 1 on the right.
#[must_use]
pub fn inner_hash(bit: u8, left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], &uvarint(usize::from(bit)), left, right])
}

/// The key's bit at this index, the most significant bit of its first byte being bit 0.
#[must_use]
pub fn bit(key: &Hash, index: u8) -> bool {
    key[usize::from(index / 8)] >> (7 - index % 8) & 1 == 1
}

/// The index of the first bit in which two keys differ; `None` where they are the same.
#[must_use]
pub fn parting_bit(left: &Hash, right: &Hash) -> Option<u8> {
    let byte = left.iter().zip(right).position(|(left, right)| left != right)?;
    let inside = (left[byte] ^ right[byte]).leading_zeros();
    u8::try_from(byte * 8 + inside as usize).ok()
}

/// Seven bits a byte, the lowest first, the high bit set on all bytes but the last (Go's `binary.AppendUvarint`).
fn uvarint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2);
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).expect("seven bits") | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).expect("seven bits"));
    bytes
}
