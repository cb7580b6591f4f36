//! Reading the stored tree: its root, and proofs.

use vouchsafe_core::hash::Hash;

use super::{
    hash::bit,
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

pub(super) fn load<S: MapStore>(store: &S, place: Place) -> Result<Option<Page>, MapError<S::Error>> {
    let bytes = store.page(place.number()).map_err(MapError::Store)?;
    bytes.map(|bytes| Page::decode(place, &bytes).ok_or(MapError::Damaged(place.number()))).transpose()
}
