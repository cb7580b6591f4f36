//! Answers in a handoff, and the checkpoint that its bundles share: the newest of their own, written once.

use vouchsafe_backend::Fetched;
use vouchsafe_ledger::{Bundle, Checkpoint};

use super::{Handoff, Word};

impl Handoff {
    /// Keeps what answers a query that was put just now.
    pub fn keep(&mut self, id: String, fetched: Fetched) {
        match fetched {
            Fetched::Proven(bundle) => drop(self.bundles.insert(id, Ok(bundle))),
            Fetched::Told(told) => drop(self.told.insert(id, Word::asked(told))),
        }
    }

    /// Keeps what answers a record that a payload names.
    pub fn keep_recalled(&mut self, id: String, fetched: Fetched) {
        match fetched {
            Fetched::Proven(bundle) => drop(self.bundles.insert(id, Ok(bundle))),
            Fetched::Told(told) => drop(self.told.insert(id, Word::recalled(told))),
        }
    }

    /// Where bundles bring checkpoints of their own and the handoff has none, the newest becomes everybody's, and those
    /// under it give theirs up.
    pub fn share_checkpoint(&mut self) {
        if self.checkpoint.is_some() {
            return;
        }
        let bundles = self.bundles.values().filter_map(|bundle| bundle.as_ref().ok());
        // A seal is its checkpoint's last leaf, and a bundle without one stands alone nowhere.
        let newest = bundles
            .filter_map(|bundle| Some((bundle.checkpoint.as_ref()?, bundle.seal.as_ref()?)))
            .max_by_key(|(_, seal)| seal.index);
        let Some((note, seal)) = newest.map(|(note, seal)| (note.clone(), seal.clone())) else { return };
        for bundle in self.bundles.values_mut().flatten() {
            if bundle.checkpoint.as_ref() == Some(&note) && bundle.seal.as_ref() == Some(&seal) {
                (bundle.checkpoint, bundle.seal) = (None, None);
            }
        }
        (self.checkpoint, self.seal) = (Some(note), Some(seal));
    }

    /// The bundles that stand under a checkpoint of their own, by query id.
    pub fn apart(&self) -> impl Iterator<Item = (&String, &Bundle)> {
        let bundles = self.bundles.iter().filter_map(|(id, bundle)| Some((id, bundle.as_ref().ok()?)));
        bundles.filter(|(_, bundle)| bundle.checkpoint.is_some())
    }
}

/// What a note says, whoever signed it.
pub(crate) fn unsigned_checkpoint(note: &str) -> Option<Checkpoint> {
    let end = note.rfind("\n\n")?;
    Checkpoint::parse(&note[..=end]).ok()
}
