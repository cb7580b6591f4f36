//! The log as a folder of C2SP tlog-tiles, which other logs' tools read.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use vouchsafe_ledger::{
    Appender, Checkpoint, VerifierKey, leaf_hash, log,
    tile::{self, WIDTH, append_entry, entries_path},
};
use vouchsafe_store::{dir::sync_folder, sqlite::Reader};

use super::{
    ArchiveError,
    tiles::{Recomputed, Tile, difference},
    unfinished,
};
use crate::embedded::tiles::ReadTiles;

const CHECKPOINT: &str = "checkpoint";
const UNFINISHED_CHECKPOINT: &str = "checkpoint.new";

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The log's state.
    pub checkpoint: Checkpoint,
    /// Files written; those that an older export left stay as they are.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Checks that the leaves add up to the tiles and to the newest checkpoint, and returns that with its note; a log that
/// does not is `STORE_CORRUPT`. `progress` is told how many leaves are done, of how many.
pub fn check_tree(
    reader: &Reader,
    known: &[VerifierKey],
    progress: &dyn Fn(u64, u64),
) -> Result<(Checkpoint, String), ArchiveError> {
    reader.check_format()?;
    let newest = reader.newest_commit()?.ok_or_else(|| ArchiveError::corrupt("it has no checkpoint"))?;
    let checkpoint = Checkpoint::open(&newest.note, known)
        .map_err(|error| ArchiveError::corrupt(format!("the checkpoint of size {}: {error}", newest.size)))?;
    let size = checkpoint.size;
    let mut edge = Appender::default();
    let mut recomputed = Recomputed::default();
    let compare = |tiles: Vec<Tile>| {
        tiles.into_iter().try_for_each(|(level, n, expected)| {
            let stored = reader.tile(level, n)?;
            difference(level, n, stored.as_deref(), &expected, false)
                .map_or(Ok(()), |why| Err(ArchiveError::corrupt(why)))
        })
    };
    while edge.size() < size {
        for leaf in bundle(reader, edge.size(), size)? {
            edge.push(leaf_hash(&leaf));
        }
        compare(recomputed.full(&mut edge))?;
        progress(edge.size(), size);
    }
    compare(recomputed.rest(&mut edge))?;
    if edge.root() != checkpoint.root {
        return Err(ArchiveError::corrupt(format!(
            "its leaves do not add up to the root that was signed at size {size}"
        )));
    }
    Ok((checkpoint, newest.note))
}

/// Up to 256 leaves from `first` on, none of them missing.
fn bundle(reader: &Reader, first: u64, size: u64) -> Result<Vec<Vec<u8>>, ArchiveError> {
    let end = size.min(first + WIDTH);
    let mut expected = first..end;
    let leaves = reader.leaves(first, end)?.into_iter().take_while(|(index, _)| expected.next() == Some(*index));
    let leaves: Vec<_> = leaves.map(|(_, leaf)| leaf).collect();
    let present = first + leaves.len() as u64;
    if present == end { Ok(leaves) } else { Err(ArchiveError::corrupt(format!("leaf {present} is missing"))) }
}

/// Writes checkpoint, tiles and entries into a folder: a new or empty one, or one with an older export of this log, or
/// with the beginning of one, which is extended. All of the log is checked before anything is written, and the checkpoint
/// is replaced last, when the files that it names are durable.
pub fn export(
    reader: &Reader,
    folder: &Path,
    known: &[VerifierKey],
    progress: &dyn Fn(u64, u64),
) -> Result<Exported, ArchiveError> {
    let (checkpoint, note) = check_tree(reader, known, progress)?;
    let former = former(reader, folder, &checkpoint, known)?;
    // What is there already has to be what this log would write, before anything else is.
    let mut complete = BTreeSet::new();
    each_file(reader, former, |path, bytes| match fs::read(folder.join(path)) {
        Ok(found) if found == bytes => {
            complete.insert(path.to_owned());
            Ok(())
        }
        Ok(_) => Err(refused(folder, format!("holds another {path} than this log"))),
        Err(error) => Err(refused(folder, format!("lacks {path} ({error})"))),
    })?;
    let size = checkpoint.size;
    let mut exported = Exported { checkpoint, files: 0, bytes: 0 };
    let mut write = |path: &str, bytes: &[u8]| {
        exported.files += 1;
        exported.bytes += bytes.len() as u64;
        replace(&folder.join(path), bytes)
    };
    let mut paths = Vec::new();
    each_file(reader, size, |path, bytes| {
        if complete.contains(path) {
            return Ok(());
        }
        paths.push(folder.join(path));
        let kept = fs::read(folder.join(path)).is_ok_and(|found| found == bytes);
        if kept { Ok(()) } else { write(path, bytes) }
    })?;
    // Those that were kept too: an interrupted export may have left them.
    make_durable(folder, &paths)?;
    write(CHECKPOINT, note.as_bytes())?;
    make_durable(folder, &[folder.join(CHECKPOINT)])?;
    Ok(exported)
}

/// The size of the older export that the folder holds, 0 where it is new or empty or holds the beginning of one.
fn former(reader: &Reader, folder: &Path, newest: &Checkpoint, known: &[VerifierKey]) -> Result<u64, ArchiveError> {
    let names: BTreeSet<_> = match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => Err(error),
    }
    .map_err(|error| refused(folder, format!("cannot be read ({error})")))?;
    if !names.iter().all(|name| [CHECKPOINT, UNFINISHED_CHECKPOINT, "tile"].iter().any(|known| name == known)) {
        return Err(refused(folder, "is not empty and no export"));
    }
    if !names.iter().any(|name| name == CHECKPOINT) {
        unfinished::check(reader, folder, newest.size)?;
        return Ok(0);
    }
    let found = fs::read_to_string(folder.join(CHECKPOINT))
        .map_err(|error| error.to_string())
        .and_then(|note| Checkpoint::open(&note, known).map_err(|error| error.to_string()))
        .map_err(|error| refused(folder, format!("holds a checkpoint that is not this log's ({error})")))?;
    if found.origin != newest.origin {
        return Err(refused(folder, format!("holds an export of {}", found.origin)));
    }
    if found.size > newest.size {
        return Err(refused(folder, format!("holds a newer export, of size {}", found.size)));
    }
    let root = log::root(&ReadTiles(reader), found.size).map_err(crate::BackendError::from)?;
    if root != found.root {
        return Err(refused(folder, format!("holds another history: its {} leaves are not this log's", found.size)));
    }
    Ok(found.size)
}

/// Hands over path and bytes of each tile and entry bundle of the log's first `size` leaves.
pub(super) fn each_file(
    reader: &Reader,
    size: u64,
    mut each: impl FnMut(&str, &[u8]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    for level in (0..8).take_while(|level| tile::width(*level, 0, size) > 0) {
        for (n, width) in (0..).map(|n| (n, tile::width(level, n, size))).take_while(|(_, width)| *width > 0) {
            let stored = reader.tile(level, n)?;
            let hashes = stored.as_deref().and_then(|hashes| hashes.get(..bytes(width)));
            each(&tile::path(level, n, width), hashes.ok_or_else(|| ArchiveError::corrupt("a tile is cut off"))?)?;
        }
    }
    for n in 0..size.div_ceil(WIDTH) {
        let mut entries = Vec::new();
        bundle(reader, n * WIDTH, size)?.iter().for_each(|leaf| append_entry(&mut entries, leaf));
        each(&entries_path(n, tile::width(0, n, size)), &entries)?;
    }
    Ok(())
}

/// Writes a file whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let failed = |error| ArchiveError::Write(path.to_owned(), error);
    let mut next = path.to_owned().into_os_string();
    next.push(".new");
    let next = PathBuf::from(next);
    fs::create_dir_all(path.parent().expect("a file in the folder")).map_err(failed)?;
    let write = || {
        let mut file = File::create(&next)?;
        file.write_all(bytes)?;
        if path.ends_with(CHECKPOINT) {
            file.sync_all()?;
        }
        fs::rename(&next, path)
    };
    write().map_err(failed)
}

/// Makes these files of a folder durable, and all folders that lead to them.
fn make_durable(folder: &Path, files: &[PathBuf]) -> Result<(), ArchiveError> {
    let mut folders = BTreeSet::new();
    for file in files {
        let synced = File::options().write(true).open(file).and_then(|file| file.sync_all());
        synced.map_err(|error| ArchiveError::Write(file.clone(), error))?;
        folders.extend(file.ancestors().skip(1).take_while(|above| above.starts_with(folder)));
    }
    folders.into_iter().try_for_each(|at| sync_folder(at).map_err(|error| ArchiveError::Write(at.to_owned(), error)))
}

/// Bytes of so many hashes of a tile.
fn bytes(width: u64) -> usize {
    usize::try_from(width).expect("at most 256") * 32
}

/// The error for a folder that holds something else.
pub(super) fn refused(folder: &Path, why: impl Into<String>) -> ArchiveError {
    ArchiveError::Folder { folder: folder.to_owned(), why: why.into() }
}
