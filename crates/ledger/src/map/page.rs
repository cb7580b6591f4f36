//! One page of the stored tree: its nodes, in memory and as bytes.
//!
//! A page's bytes are its topmost node, each node in front of what is below it:
//! - `0x00 ‖ key ‖ u64be count ‖ u64be last_index ‖ the hashes of the key's own log`, one for each bit of the count
//! - `0x01 ‖ bit ‖ hash ‖ left ‖ right`
//! - `0x02 ‖ index ‖ hash`, for what stands in the page one level down

use vouchsafe_core::hash::Hash;

use super::{
    entry::Entry,
    hash::{bit, inner_hash, parting_bit},
    place::Place,
};

const LEAF: u8 = 0;
const INNER: u8 = 1;
const BELOW: u8 = 2;

/// A node; its hash is `None` from when something below it changes until the page is sealed.
#[derive(Debug)]
pub(super) enum Node {
    /// A key with its rows.
    Leaf(Entry),
    /// Where keys part.
    Inner { bit: u8, hash: Option<Hash>, sides: [usize; 2] },
    /// Two keys or more whose nodes are in the page one level down.
    Below { place: Place, hash: Option<Hash> },
}

/// The nodes of one page, the topmost first.
#[derive(Debug)]
pub(super) struct Page {
    pub place: Place,
    pub nodes: Vec<Node>,
    /// Whether it differs from what is stored.
    pub changed: bool,
}

impl Page {
    /// A new page that holds one key.
    pub fn of(place: Place, entry: Entry) -> Self {
        Self { place, nodes: vec![Node::Leaf(entry)], changed: true }
    }

    /// Reads a page's bytes; `None` for bytes that no page at this place has, as far as can be told without hashing.
    pub fn decode(place: Place, mut bytes: &[u8]) -> Option<Self> {
        let mut page = Self { place, nodes: Vec::with_capacity(bytes.len() / 40 + 3), changed: false };
        let key = page.read(&mut bytes, 0)?;
        (bytes.is_empty() && place.covers(&key)).then_some(page)
    }

    /// Reads a node that decides no bit before `from`, and returns a key below it.
    fn read(&mut self, bytes: &mut &[u8], from: u8) -> Option<Hash> {
        let [kind] = take(bytes)?;
        match kind {
            LEAF => {
                let entry = Entry::read(bytes)?;
                let key = entry.key;
                self.nodes.push(Node::Leaf(entry));
                Some(key)
            }
            INNER => {
                let [index] = take(bytes)?;
                if index < from || !self.place.decides(index) {
                    return None;
                }
                let (at, hash) = (self.nodes.len(), Some(take(bytes)?));
                self.nodes.push(Node::Inner { bit: index, hash, sides: [at + 1; 2] });
                // Bit 255 is the last: below it there are leaves alone, and 255 is no inner node's again.
                let next = index.checked_add(1);
                let left = self.read_below(bytes, next)?;
                let right_at = self.nodes.len();
                let right = self.read_below(bytes, next)?;
                if let Node::Inner { sides, .. } = &mut self.nodes[at] {
                    sides[1] = right_at;
                }
                // By induction this makes all keys of one side agree up to here.
                (parting_bit(&left, &right) == Some(index) && bit(&right, index)).then_some(left)
            }
            BELOW => {
                let [index] = take(bytes)?;
                let place = self.place.child(index)?;
                self.nodes.push(Node::Below { place, hash: Some(take(bytes)?) });
                Some(place.first_key())
            }
            _ => None,
        }
    }

    fn read_below(&mut self, bytes: &mut &[u8], from: Option<u8>) -> Option<Hash> {
        match from {
            Some(from) => self.read(bytes, from),
            None if bytes.first() == Some(&INNER) => None,
            None => self.read(bytes, u8::MAX),
        }
    }

    /// The bytes of a page that is sealed.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.nodes.len() * 40);
        self.write(0, &mut bytes);
        bytes
    }

    fn write(&self, at: usize, bytes: &mut Vec<u8>) {
        let sealed = |hash: &Option<Hash>| hash.expect("the page is sealed");
        match &self.nodes[at] {
            Node::Leaf(entry) => {
                bytes.push(LEAF);
                entry.write(bytes);
            }
            Node::Inner { bit, hash, sides } => {
                bytes.extend([INNER, *bit]);
                bytes.extend(sealed(hash));
                for side in sides {
                    self.write(*side, bytes);
                }
            }
            Node::Below { place, hash } => {
                bytes.extend([BELOW, place.index()]);
                bytes.extend(sealed(hash));
            }
        }
    }

    /// Hashes what changed and returns the hash of the page's tree; `below` gives that of a changed page below.
    pub fn seal(&mut self, below: &impl Fn(Place) -> Hash) -> Hash {
        self.seal_node(0, below)
    }

    fn seal_node(&mut self, at: usize, below: &impl Fn(Place) -> Hash) -> Hash {
        let fresh = match self.nodes[at] {
            Node::Inner { bit, hash: None, sides: [left, right] } => {
                inner_hash(bit, &self.seal_node(left, below), &self.seal_node(right, below))
            }
            Node::Below { place, hash: None } => below(place),
            _ => return self.hash(at).expect("it has not changed"),
        };
        if let Node::Inner { hash, .. } | Node::Below { hash, .. } = &mut self.nodes[at] {
            *hash = Some(fresh);
        }
        fresh
    }

    /// A node's hash; `None` where something below it has changed.
    pub fn hash(&self, at: usize) -> Option<Hash> {
        match &self.nodes[at] {
            Node::Leaf(entry) => Some(entry.hash()),
            Node::Inner { hash, .. } | Node::Below { hash, .. } => *hash,
        }
    }
}

/// Takes the first bytes off.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}
