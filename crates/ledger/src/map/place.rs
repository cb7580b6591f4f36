//! How the tree is cut into pages.

use vouchsafe_core::hash::Hash;

/// How many bits of a key one page decides. With 5 or 6 a commit writes fewer pages but more bytes, a third more to twice
/// as many (`map_commit` prints it); the time is about the same.
const BITS: u8 = 4;
/// Prefixes end here, so that a page's number fits into 63 bits: the last page holds everything below it, however deep.
const LAST: u8 = 60 / BITS * BITS;

/// A page's place in the tree: the keys that begin with its prefix. It holds the nodes that decide the next few bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The prefix's length: a multiple of `BITS`.
    length: u8,
    prefix: u64,
}

impl Place {
    /// The page that every lookup begins with.
    pub const TOP: Self = Self { length: 0, prefix: 0 };

    /// 1, then the bits of the prefix.
    pub fn number(self) -> u64 {
        1 << self.length | self.prefix
    }

    /// Whether the nodes that decide this bit of the keys are in this page.
    pub fn decides(self, bit: u8) -> bool {
        bit >= self.length && (bit - self.length < BITS || self.length == LAST)
    }

    /// Whether the key begins with the prefix.
    pub fn covers(self, key: &Hash) -> bool {
        self.length == 0 || head(key) >> (64 - u32::from(self.length)) == self.prefix
    }

    /// The page one level down where this key's nodes are; none below the last.
    pub fn below(self, key: &Hash) -> Option<Self> {
        let index = head(key) << self.length >> (64 - u32::from(BITS));
        self.child(u8::try_from(index).expect("a few bits"))
    }

    /// The page one level down under the prefix and this index; none below the last, and none for a larger index.
    pub fn child(self, index: u8) -> Option<Self> {
        let is_place = self.length < LAST && index < 1 << BITS;
        is_place.then(|| Self { length: self.length + BITS, prefix: self.prefix << BITS | u64::from(index) })
    }

    /// What [`child`](Self::child) made this place from.
    pub fn index(self) -> u8 {
        u8::try_from(self.prefix % (1 << BITS)).expect("a few bits")
    }

    /// The smallest key under the prefix.
    pub fn first_key(self) -> Hash {
        let mut key = [0; 32];
        if self.length > 0 {
            key[..8].copy_from_slice(&(self.prefix << (64 - u32::from(self.length))).to_be_bytes());
        }
        key
    }
}

/// The bits that prefixes are made of.
fn head(key: &Hash) -> u64 {
    u64::from_be_bytes(*key.first_chunk().expect("a key has 32 bytes"))
}
