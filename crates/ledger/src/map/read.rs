//! Reading the stored tree: its root, proofs, and all of it.

use vouchsafe_core::hash::Hash;

use super::{
    hash::{bit, inner_hash},
    page::{Node, Page},
    place::Place,
    proof::{MapProof, OtherLeaf},
    store::{MapError, MapStore},
};
use crate::leaf::EMPTY_MAP_ROOT;

/// The root as the topmost page has it, to be compared with the newest seal's; the pages below it are not looked at.
pub fn root<S: MapStore>(store: &S) -> Result<Hash, MapError<S::Error>> {
    let top = load(store, Place::TOP)?;
    Ok(top.map_or(EMPTY_MAP_ROOT, |page| page.hash(0).expect("what is stored is sealed")))
}

/// The proof of a key, present or absent, as the stored pages have it. Nothing is hashed here: verify the proof against
/// the signed root to know that they are not damaged.
pub fn prove<S: MapStore>(store: &S, key: &Hash) -> Result<MapProof, MapError<S::Error>> {
    let mut proof = MapProof::default();
    let Some(mut page) = load(store, Place::TOP)? else { return Ok(proof) };
    let mut at = 0;
    loop {
        match &page.nodes[at] {
            Node::Inner { bit: index, sides: [left, right], .. } => {
                let (side, sibling) = if bit(key, *index) { (*right, *left) } else { (*left, *right) };
                proof.path.push((*index, page.hash(sibling).expect("what is stored is sealed")));
                at = side;
            }
            Node::Below { place, .. } => {
                page = load(store, *place)?.ok_or(MapError::Damaged(place.number()))?;
                at = 0;
            }
            Node::Leaf(entry) => {
                let value = entry.value().encode().to_vec();
                if entry.key == *key {
                    proof.value = Some(value);
                } else {
                    proof.other = Some(OtherLeaf { key: entry.key, value });
                }
                proof.path.reverse();
                return Ok(proof);
            }
        }
    }
}

/// Checks every page of the map that has this root, and returns how many keys it has; the first page that is not the one
/// that the root stands for is [`MapError::Damaged`]. Stored pages that no other leads to are not looked at.
pub fn check<S: MapStore>(store: &S, root: &Hash) -> Result<u64, MapError<S::Error>> {
    if *root == EMPTY_MAP_ROOT {
        return load(store, Place::TOP)?.map_or(Ok(0), |page| Err(MapError::Damaged(page.place.number())));
    }
    let mut keys = 0;
    let mut pages = vec![(Place::TOP, Some(*root))];
    while let Some((place, root)) = pages.pop() {
        let page = load(store, place)?.filter(|page| page.hash(0) == root);
        let page = page.ok_or(MapError::Damaged(place.number()))?;
        for node in &page.nodes {
            match node {
                Node::Leaf(_) => keys += 1,
                Node::Inner { bit: index, hash, sides } => {
                    let [left, right] = sides.map(|side| page.hash(side).expect("what is stored is sealed"));
                    if *hash != Some(inner_hash(*index, &left, &right)) {
                        return Err(MapError::Damaged(place.number()));
                    }
                }
                Node::Below { place, hash } => pages.push((*place, *hash)),
            }
        }
    }
    Ok(keys)
}

pub(super) fn load<S: MapStore>(store: &S, place: Place) -> Result<Option<Page>, MapError<S::Error>> {
    let bytes = store.page(place.number()).map_err(MapError::Store)?;
    bytes.map(|bytes| Page::decode(place, &bytes).ok_or(MapError::Damaged(place.number()))).transpose()
}
