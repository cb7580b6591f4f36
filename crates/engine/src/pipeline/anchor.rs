//! What a handoff's proofs stand under: the checkpoint, its seal, and the proof that it extends an older one.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use vouchsafe_backend::{At, BackendError};

use crate::{
    Engine,
    handoff::{Consistency, Handoff, unsigned_checkpoint},
    options::After,
};

impl Engine {
    /// Gives the handoff its checkpoint: the newest that its bundles bring, else the log's state. What fails is said in
    /// the handoff.
    pub(super) async fn anchor(&self, handoff: &mut Handoff, after: Option<&After>, at: Option<&At>) {
        handoff.share_checkpoint();
        if let (None, Some(at)) = (&handoff.checkpoint, at)
            && at.is_signed()
        {
            match self.backend.seal(at).await {
                // Where no bundle needs it, a backend whose bundles bring their own need not give one.
                Err(BackendError::Unsupported(_)) => return,
                Err(error) => handoff.build_errors.push(format!("{}: {error}", error.code())),
                Ok(seal) => handoff.seal = Some(seal),
            }
            handoff.checkpoint = Some(at.note.clone());
        }
        let Some(after) = after else { return };
        let apart: Vec<(String, Option<String>)> =
            handoff.apart().map(|(id, bundle)| (id.clone(), bundle.checkpoint.clone())).collect();
        // A proof that somebody else's payload brings is as good as one of ours.
        if handoff.consistency.is_none() {
            handoff.consistency = self.consistency(handoff, after, handoff.checkpoint.clone(), at).await;
        }
        for (id, note) in apart {
            let consistency = self.consistency(handoff, after, note, at).await;
            handoff.circumstances.entry(id).or_default().consistency = consistency;
        }
    }

    /// The proof that the log of a checkpoint begins with that of `after`.
    async fn consistency(
        &self,
        handoff: &mut Handoff,
        after: &After,
        note: Option<String>,
        at: Option<&At>,
    ) -> Option<Consistency> {
        let note = note?;
        // The state itself where it is that, since an answer under what is kept costs less.
        let at = match at.filter(|at| at.note == note) {
            Some(at) => at.clone(),
            None => At::new(unsigned_checkpoint(&note)?, note, 0),
        };
        let size = after.size.parse::<u64>().ok().filter(|size| (1..=at.checkpoint.size).contains(size))?;
        match self.backend.consistency(size, &at).await {
            Ok(proof) => {
                let proof = proof.iter().map(|hash| STANDARD.encode(hash)).collect();
                Some(Consistency { size: after.size.clone(), root: after.root.clone(), proof })
            }
            Err(error) => {
                handoff.build_errors.push(format!("{}: {error}", error.code()));
                None
            }
        }
    }
}
