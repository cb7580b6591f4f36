//! The signed checkpoints of a log, opened before its leaves are read: they say where seals stand and which root counts.

use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::{Checkpoint, VerifierKey};
use vouchsafe_store::sqlite::{ArchivedCommit, Reader};

use super::report::{FindingCode, Findings};
use crate::archive::ArchiveError;

const STRETCH: u32 = 1_000;

/// A stored commit with what its note turned out to be.
#[derive(Debug)]
pub(super) struct SignedCommit {
    /// The log's size after it: the note's where the note holds, else the column's.
    pub size: u64,
    /// The signed root, and who signed it; none where the note does not hold.
    pub signed: Option<(Hash, String)>,
    /// The columns.
    pub first_index: i64,
    /// The columns.
    pub first_row_seq: i64,
    /// The columns.
    pub rows: i64,
    /// The columns.
    pub root: Vec<u8>,
}

impl SignedCommit {
    /// The root that was signed.
    pub fn root(&self) -> Option<&Hash> {
        self.signed.as_ref().map(|(root, _)| root)
    }
}

/// All commits by ascending size, each size once.
pub(super) fn read(
    reader: &Reader,
    known: &[VerifierKey],
    findings: &mut Findings,
) -> Result<Vec<SignedCommit>, ArchiveError> {
    let mut commits = Vec::new();
    let mut last = None;
    loop {
        let stretch = reader.commits_after(last, STRETCH)?;
        let Some(newest) = stretch.last() else { break };
        last = Some(newest.size);
        commits.extend(stretch.into_iter().filter_map(|commit| open(commit, known, findings)));
    }
    if last.is_none() {
        // The first commit is made with the store, before any row.
        findings.add(
            FindingCode::CommitsWrong,
            None,
            None,
            "the log has no checkpoint: its checkpoints are gone".into(),
        );
    }
    commits.sort_by_key(|commit| commit.size);
    commits.dedup_by(|second, first| {
        let twice = second.size == first.size;
        if twice {
            let message = format!("there are two commits of the size {}", first.size);
            findings.add(FindingCode::CommitsWrong, first.size.checked_sub(1), None, message);
        }
        twice
    });
    Ok(commits)
}

fn open(commit: ArchivedCommit, known: &[VerifierKey], findings: &mut Findings) -> Option<SignedCommit> {
    let ArchivedCommit { size, first_index, first_row_seq, rows, root, note } = commit;
    let column = u64::try_from(size).ok().filter(|size| *size > 0);
    let (size, signed) = match Checkpoint::open(&note, known) {
        Ok(checkpoint) => {
            let differing: Vec<_> = [("size", column != Some(checkpoint.size)), ("root", root != checkpoint.root)]
                .into_iter()
                .filter_map(|(name, differs)| differs.then_some(name))
                .collect();
            if !differing.is_empty() {
                let message =
                    format!("the commit of size {size}: its {} is not that of its checkpoint", differing.join(" and "));
                findings.add(FindingCode::CommitsWrong, checkpoint.size.checked_sub(1), None, message);
            }
            (Some(checkpoint.size), Some((checkpoint.root, checkpoint.origin)))
        }
        Err(error) => {
            let message = format!("the checkpoint of size {size}: {error}");
            findings.add(FindingCode::CheckpointInvalid, column.map(|size| size - 1), None, message);
            (column, None)
        }
    };
    Some(SignedCommit { size: size?, signed, first_index, first_row_seq, rows, root })
}

/// How many leaves the newest commit covers. The size of one whose note does not hold counts as far as there are leaves.
pub(super) fn log_size(commits: &[SignedCommit], leaves_end: u64) -> u64 {
    let counts = |commit: &&SignedCommit| commit.signed.is_some() || commit.size <= leaves_end;
    commits.iter().rev().find(counts).map_or(0, |commit| commit.size)
}

/// The log's name, as it was signed last.
pub(super) fn origin(commits: &[SignedCommit]) -> Option<String> {
    commits.iter().rev().find_map(|commit| commit.signed.as_ref()).map(|(_, origin)| origin.clone())
}
