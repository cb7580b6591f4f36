//! The map of answers, in memory, built up row by row; only what changed since the last root is hashed again.

use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::{
    EMPTY_MAP_ROOT, Frontier, leaf_hash,
    map::{self, MapValue, bit, inner_hash, parting_bit},
};

/// A Patricia tree over the keys. Nodes refer to each other by number, which is half of a pointer.
#[derive(Debug, Default)]
pub(super) struct Map {
    root: Option<Node>,
    leaves: Vec<Leaf>,
    inner: Vec<Inner>,
}

#[derive(Debug, Clone, Copy)]
enum Node {
    Leaf(u32),
    Inner(u32),
}

#[derive(Debug)]
struct Leaf {
    key: Hash,
    hash: Option<Hash>,
    last_index: u64,
    /// The key's own log.
    rows: Frontier,
}

#[derive(Debug)]
struct Inner {
    bit: u8,
    /// The sides where the bit is 0 and 1.
    sides: [Node; 2],
    hash: Option<Hash>,
}

impl Leaf {
    fn new(key: Hash, index: u64) -> Self {
        // Made from its only hash, as most keys have one row and a list that grows takes room for four.
        let rows = Frontier::new(1, vec![leaf_hash(&index.to_be_bytes())]).expect("one hash for one row");
        Self { key, hash: None, last_index: index, rows }
    }

    fn append(&mut self, index: u64) {
        self.rows.push(leaf_hash(&index.to_be_bytes()));
        self.last_index = index;
        self.hash = None;
    }

    fn hash(&self) -> Hash {
        let value = MapValue { count: self.rows.size(), last_index: self.last_index, root: self.rows.root() };
        map::leaf_hash(&self.key, &value.encode())
    }
}

impl Map {
    /// How many keys it has.
    pub fn len(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Lists the row whose leaf is at `index` under a key.
    pub fn list(&mut self, key: &Hash, index: u64) {
        let Some(root) = self.root else {
            self.root = Some(self.leaf(key, index));
            return;
        };
        let mut node = root;
        while let Node::Inner(at) = node {
            let inner = &self.inner[at as usize];
            node = inner.sides[usize::from(bit(key, inner.bit))];
        }
        let Node::Leaf(nearest) = node else { unreachable!("the walk ends at a leaf") };
        let parting = parting_bit(&self.leaves[nearest as usize].key, key);
        if parting.is_none() {
            self.leaves[nearest as usize].append(index);
        }
        // All nodes on the way down change. A new key's place is above the first that parts at a later bit.
        let mut above = None;
        let mut node = root;
        while let Node::Inner(at) = node {
            let inner = &mut self.inner[at as usize];
            if parting.is_some_and(|parting| inner.bit > parting) {
                break;
            }
            inner.hash = None;
            let side = usize::from(bit(key, inner.bit));
            above = Some((at, side));
            node = inner.sides[side];
        }
        if let Some(parting) = parting {
            let leaf = self.leaf(key, index);
            let sides = if bit(key, parting) { [node, leaf] } else { [leaf, node] };
            let new = Node::Inner(number(self.inner.len()));
            self.inner.push(Inner { bit: parting, sides, hash: None });
            match above {
                Some((at, side)) => self.inner[at as usize].sides[side] = new,
                None => self.root = Some(new),
            }
        }
    }

    /// The map's root.
    pub fn root(&mut self) -> Hash {
        self.root.map_or(EMPTY_MAP_ROOT, |root| self.hash(root))
    }

    fn leaf(&mut self, key: &Hash, index: u64) -> Node {
        self.leaves.push(Leaf::new(*key, index));
        Node::Leaf(number(self.leaves.len() - 1))
    }

    fn hash(&mut self, node: Node) -> Hash {
        match node {
            Node::Leaf(at) => {
                let leaf = &mut self.leaves[at as usize];
                if let Some(hash) = leaf.hash {
                    return hash;
                }
                let hash = leaf.hash();
                leaf.hash = Some(hash);
                hash
            }
            Node::Inner(at) => {
                let Inner { bit, sides: [left, right], hash } = self.inner[at as usize];
                if let Some(hash) = hash {
                    return hash;
                }
                // A path has at most 256 nodes, so this goes no deeper.
                let hash = inner_hash(bit, &self.hash(left), &self.hash(right));
                self.inner[at as usize].hash = Some(hash);
                hash
            }
        }
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("a map in memory has fewer than 2^32 nodes")
}
