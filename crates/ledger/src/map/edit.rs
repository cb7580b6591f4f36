//! Adding rows to the stored tree.

use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry as Slot},
    mem,
};

use vouchsafe_core::hash::Hash;

use super::{
    entry::Entry,
    hash::{bit, inner_hash, parting_bit},
    page::{Node, Page},
    place::Place,
    read::load,
    store::{MapError, MapStore},
};
use crate::leaf::EMPTY_MAP_ROOT;

/// Adds the rows of one commit: every page is read once, and every node that changes is hashed once.
///
/// Whatever a new hash is made from is checked against the old root first, so a damaged page is an error and never part
/// of what is signed next. After an error the editor is of no more use.
#[derive(Debug)]
pub struct MapEditor<'s, S> {
    store: &'s S,
    root: Hash,
    /// The pages that were read, by number. A node without hash that points below has its page here.
    pages: BTreeMap<u64, Page>,
}

/// A map after a change.
#[derive(Debug)]
pub struct MapUpdate {
    /// The new root.
    pub root: Hash,
    /// The pages to write, by number.
    pub pages: Vec<(u64, Vec<u8>)>,
}

/// Where a lookup leads within one page.
enum Reached {
    /// This key.
    Leaf(Hash),
    /// This page one level down, whose tree has this hash, unless something in it has changed.
    Below(Place, Option<Hash>),
}

/// What came of adding a row to one page.
enum Step {
    Added,
    /// It belongs to this page one level down.
    Below(Place),
    /// Likewise, but the page is new: it begins with this key.
    NewBelow(Place, Entry),
}

impl<'s, S: MapStore> MapEditor<'s, S> {
    /// Begins at the map of this root, which the newest seal names.
    #[must_use]
    pub fn new(store: &'s S, root: Hash) -> Self {
        Self { store, root, pages: BTreeMap::new() }
    }

    /// Adds a row to a key. The rows of a key come in the order of their leaves.
    pub fn add(&mut self, key: &Hash, leaf_index: u64) -> Result<(), MapError<S::Error>> {
        if self.root == EMPTY_MAP_ROOT && self.pages.is_empty() {
            if load(self.store, Place::TOP)?.is_some() {
                return Err(MapError::Damaged(Place::TOP.number()));
            }
            self.pages.insert(Place::TOP.number(), Page::of(Place::TOP, Entry::new(*key, leaf_index)));
            return Ok(());
        }
        // In which bit the key is new; none where it is there.
        let parting = parting_bit(&self.reach(key)?, key);
        let mut place = Place::TOP;
        loop {
            let page = self.pages.get_mut(&place.number()).expect("the lookup read it");
            match page.add(key, leaf_index, parting).ok_or(MapError::Damaged(place.number()))? {
                Step::Added => return Ok(()),
                Step::Below(below) => place = below,
                Step::NewBelow(below, entry) => {
                    self.pages.insert(below.number(), Page::of(below, entry));
                    place = below;
                }
            }
        }
    }

    /// The key that a lookup leads to; the way there is checked.
    fn reach(&mut self, key: &Hash) -> Result<Hash, MapError<S::Error>> {
        let (mut place, mut hash) = (Place::TOP, Some(self.root));
        loop {
            let damaged = || MapError::Damaged(place.number());
            let page = match self.pages.entry(place.number()) {
                Slot::Occupied(page) => page.into_mut(),
                Slot::Vacant(slot) => {
                    let page = load(self.store, place)?.filter(|page| page.hash(0) == hash);
                    slot.insert(page.ok_or_else(damaged)?)
                }
            };
            match page.reach(key).ok_or_else(damaged)? {
                Reached::Leaf(key) => return Ok(key),
                Reached::Below(below, its_hash) => (place, hash) = (below, its_hash),
            }
        }
    }

    /// Hashes what changed.
    #[must_use]
    pub fn finish(mut self) -> MapUpdate {
        let mut hashes = HashMap::with_capacity(self.pages.len());
        let mut pages = Vec::with_capacity(self.pages.len());
        // Pages further down have larger numbers.
        while let Some((number, mut page)) = self.pages.pop_last() {
            if page.changed {
                let hash = page.seal(&|below: Place| hashes[&below.number()]);
                hashes.insert(number, hash);
                pages.push((number, page.encode()));
            }
        }
        pages.reverse();
        MapUpdate { root: hashes.get(&Place::TOP.number()).copied().unwrap_or(self.root), pages }
    }
}

impl Page {
    /// Where a lookup of the key leads. Every hash on the way is checked to be that of its sides, as nothing else vouches
    /// for them; `None` if one is not.
    fn reach(&self, key: &Hash) -> Option<Reached> {
        let mut at = 0;
        loop {
            at = match &self.nodes[at] {
                Node::Inner { bit: index, hash, sides: [left, right] } => {
                    // A node without hash was checked before it changed.
                    if let Some(hash) = hash
                        && inner_hash(*index, &self.hash(*left)?, &self.hash(*right)?) != *hash
                    {
                        return None;
                    }
                    if bit(key, *index) { *right } else { *left }
                }
                Node::Leaf(entry) => return Some(Reached::Leaf(entry.key)),
                Node::Below { place, hash } => return Some(Reached::Below(*place, *hash)),
            }
        }
    }

    /// Adds a row, or says in which page below it belongs; `None` if the key lists a later row already.
    fn add(&mut self, key: &Hash, leaf_index: u64, parting: Option<u8>) -> Option<Step> {
        self.changed = true;
        // Past the nodes that decide bits before the one in which the key is new.
        let mut at = 0;
        while let Node::Inner { bit: index, hash, sides: [left, right] } = &mut self.nodes[at]
            && parting.is_none_or(|parting| *index < parting)
        {
            *hash = None;
            at = if bit(key, *index) { *right } else { *left };
        }
        if let Some(parting) = parting.filter(|parting| self.place.decides(*parting)) {
            self.part(at, parting, Entry::new(*key, leaf_index));
            return Some(Step::Added);
        }
        match &mut self.nodes[at] {
            Node::Leaf(entry) if parting.is_none() => entry.add(leaf_index).map(|()| Step::Added),
            Node::Below { place, hash } => {
                *hash = None;
                Some(Step::Below(*place))
            }
            node => {
                let place = self.place.below(key).expect("the last page decides every bit");
                match mem::replace(node, Node::Below { place, hash: None }) {
                    Node::Leaf(entry) => Some(Step::NewBelow(place, entry)),
                    _ => unreachable!("inner nodes of this page decide bits before the one in which the key is new"),
                }
            }
        }
    }

    /// Puts a new node in the place of `at`, with the new key on one side and what was there on the other.
    fn part(&mut self, at: usize, index: u8, entry: Entry) {
        let (new, old) = (self.nodes.len(), self.nodes.len() + 1);
        let sides = if bit(&entry.key, index) { [old, new] } else { [new, old] };
        let inner = Node::Inner { bit: index, hash: None, sides };
        let before = mem::replace(&mut self.nodes[at], inner);
        self.nodes.extend([Node::Leaf(entry), before]);
    }
}
