//! What a key of the map maps to.

use vouchsafe_core::hash::Hash;

/// The rows that a key lists: how many, the newest, and the root of their own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapValue {
    /// How many rows; at least one.
    pub count: u64,
    /// The leaf index of the last of them.
    pub last_index: u64,
    /// Root of the RFC 6962 log whose leaves are the rows' leaf indices, u64be each, ascending.
    pub root: Hash,
}

impl MapValue {
    /// Length of the encoded value in bytes.
    pub const LENGTH: usize = 48;

    /// `u64be count ‖ u64be last_index ‖ root`.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..8].copy_from_slice(&self.count.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.last_index.to_be_bytes());
        bytes[16..].copy_from_slice(&self.root);
        bytes
    }

    /// Reads what [`encode`](Self::encode) writes; `None` for other lengths and for a count of zero.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().ok()?;
        let number = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        let value = Self { count: number(0), last_index: number(8), root: bytes[16..].try_into().expect("32 bytes") };
        (value.count > 0).then_some(value)
    }
}
