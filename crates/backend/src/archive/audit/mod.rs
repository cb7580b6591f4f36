//! Every row, leaf, tile, seal and checkpoint against each other, from nothing but the rows and the signing key's public
//! half.
//!
//! Rows give leaves, leaves give tiles and roots, and what was signed decides: where a row, its leaf and its tile
//! disagree, the one that leads to the signed root is right and the others were changed. So one change is one finding,
//! and the replay goes on with what was signed. What a map's root was made from is only known while all rows are; after
//! a row that was changed in what it answers to, later map roots cannot be judged and are not.
//!
//! Rows behind the newest checkpoint are not looked at: nothing was signed of them yet.
//! A seal whose time lies before its predecessor's is no finding: clocks are set back, and no format forbids it.
//!
//! - `commits`: the signed checkpoints
//! - `read`: leaves and rows in order, side by side, on the calling thread
//! - `row`: one row against its own commitments
//! - `replay`: the tree and the seals, on a second thread
//! - `dispute`: where a row, its leaf and its tile disagree
//! - `map`: the map's root after each seal
//! - `report`: what comes of it

mod commits;
mod dispute;
mod map;
mod read;
mod replay;
mod report;
mod row;

use std::{sync::mpsc::sync_channel, thread, time::Instant};

pub use report::{AuditReport, Finding, FindingCode, Since};
use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::{
    Checkpoint, VerifierKey,
    map::{MapError, check as check_pages},
    tile::width,
};
use vouchsafe_store::sqlite::Reader;

use self::{replay::Replay, report::Findings};
use super::{ArchiveError, tiles::difference};
use crate::{BackendError, embedded::pages::ReadPages};

/// What an audit may take as given.
#[derive(Debug, Clone, Default)]
pub struct AuditOptions {
    /// The keys that may have signed this log.
    pub known: Vec<VerifierKey>,
    /// The note of an older checkpoint, signed by one of these keys, which the log must extend.
    pub since: Option<String>,
}

/// Replays the whole log. What is wrong with it is in the report; an error means that it could not be read at all.
/// `progress` is told how many leaves are done, of how many.
pub fn audit(
    reader: &Reader,
    options: &AuditOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<AuditReport, ArchiveError> {
    let began = Instant::now();
    reader.check_format()?;
    if options.known.is_empty() {
        return Err(BackendError::Key("is not here: give the log's public key".into()).into());
    }
    let since = options.since.as_deref().map(|note| since(note, &options.known)).transpose()?;
    let mut findings = Findings::default();
    let commits = commits::read(reader, &options.known, &mut findings)?;
    let size = commits::log_size(&commits, reader.leaves_end()?);
    let outside = reader.leaves_outside(size)?.filter(|_| !commits.is_empty());
    // Without a checkpoint nothing says how much of what is stored should be there.
    let longer = outside.is_some() || commits.is_empty();
    if let Some((first, count)) = outside {
        findings.add(FindingCode::CommitsWrong, u64::try_from(first).ok(), None, format!(
            "{count} leaves stand outside of the {size} that the newest checkpoint covers, the first at index {first}"
        ));
    }
    let replayed = thread::scope(|scope| {
        let (send, receive) = sync_channel(8);
        let replay = Replay::new(&commits, findings, since.as_ref().map(|since| since.size));
        let replaying = scope.spawn(move || receive.into_iter().fold(replay, Replay::take).finish());
        let read = read::read(
            reader,
            &commits,
            size,
            longer,
            |stretch| {
                // Only a panic of the other thread closes the channel early; joining it passes that on.
                let _ = send.send(stretch);
            },
            progress,
        );
        drop(send);
        let replayed = replaying.join().expect("the replay does not panic");
        read.map(|()| replayed)
    })?;
    let mut findings = replayed.findings;
    if !replayed.root_wrong {
        compare_upper_tiles(reader, size, &replayed.upper_tiles, longer, &mut findings)?;
        if let Some(root) = replayed.map_root.filter(|_| !longer) {
            check_map(reader, &root, &mut findings)?;
        }
    }
    let extends = since.map(|since| extends(&since, size, replayed.since_root, &mut findings));
    let origin = commits::origin(&commits).unwrap_or_else(|| options.known[0].name().to_owned());
    let (listed, total) = findings.take();
    Ok(AuditReport {
        origin,
        size,
        root: replayed.root,
        rows: replayed.rows,
        seals: replayed.seals,
        keys: replayed.keys,
        since: extends,
        findings: listed,
        findings_total: total,
        elapsed: began.elapsed(),
    })
}

fn since(note: &str, known: &[VerifierKey]) -> Result<Checkpoint, ArchiveError> {
    let since = Checkpoint::open(note, known).map_err(|error| ArchiveError::Since(error.to_string()))?;
    if since.size == 0 {
        Err(ArchiveError::Since("it is of an empty log, which every log extends".into()))
    } else {
        Ok(since)
    }
}

/// Tiles above the leaves' own against those that the replay gave, and tiles that should not be there.
fn compare_upper_tiles(
    reader: &Reader,
    size: u64,
    expected: &[super::tiles::Tile],
    longer: bool,
    findings: &mut Findings,
) -> Result<(), ArchiveError> {
    for (level, n, hashes) in expected {
        if let Some(why) = difference(*level, *n, reader.tile(*level, *n)?.as_deref(), hashes, longer) {
            findings.add(FindingCode::TileChanged, None, None, why);
        }
    }
    if longer {
        return Ok(());
    }
    for (level, n) in reader.tile_positions()? {
        let belongs = match (u8::try_from(level), u64::try_from(n)) {
            (Ok(level), Ok(n)) => level < 8 && width(level, n, size) > 0,
            _ => false,
        };
        if !belongs {
            findings.add(
                FindingCode::TileChanged,
                None,
                None,
                format!("tile {n} of level {level} lies outside of the log"),
            );
        }
    }
    Ok(())
}

/// The stored pages of the map against the root that was signed: with a wrong one nothing can be committed any more.
fn check_map(reader: &Reader, root: &Hash, findings: &mut Findings) -> Result<(), ArchiveError> {
    match check_pages(&ReadPages(reader), root) {
        Ok(_) => Ok(()),
        Err(MapError::Damaged(page)) => {
            let message = format!("the stored map is not the one that was signed: page {page} is missing or differs");
            findings.add(FindingCode::MapWrong, None, None, message);
            Ok(())
        }
        Err(MapError::Store(error)) => Err(error.into()),
    }
}

fn extends(since: &Checkpoint, size: u64, root: Option<Hash>, findings: &mut Findings) -> Since {
    let why = match root {
        Some(root) if root == since.root => None,
        Some(_) => Some(format!("its first {} leaves are not those of the older checkpoint", since.size)),
        None if since.size > size => {
            Some(format!("the older checkpoint has {} leaves, this log only {size}", since.size))
        }
        None => Some(format!("no checkpoint of this log has the older one's size {}", since.size)),
    };
    let extends = why.is_none();
    if let Some(why) = why {
        findings.add(
            FindingCode::Fork,
            None,
            None,
            format!("this is another history (a fork, or a restored backup): {why}"),
        );
    }
    Since { size: since.size, extends }
}
