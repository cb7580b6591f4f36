//! What an interrupted export leaves: files, and no checkpoint that names them.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use vouchsafe_store::sqlite::Reader;

use super::{
    ArchiveError,
    export::{each_file, refused},
};

/// Refuses a folder without checkpoint, unless each file in it is one that an interrupted export of this log leaves: as
/// it would be written, or a partial one as it was when the log was shorter, or not yet in its place.
pub(super) fn check(reader: &Reader, folder: &Path, size: u64) -> Result<(), ArchiveError> {
    let unreadable = |error: io::Error| refused(folder, format!("cannot be read ({error})"));
    let mut found: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for path in files_below(&folder.join("tile")).map_err(unreadable)? {
        found.entry(whole(&path)).or_default().push(path);
    }
    each_file(reader, size, |path, bytes| {
        let path = folder.join(path);
        for file in found.remove(&whole(&path)).unwrap_or_default() {
            let content = fs::read(&file).map_err(unreadable)?;
            let is_shorter = file != path && file.parent().is_some_and(|parent| has_extension(parent, "p"));
            let is_ours = content == bytes || is_shorter && bytes.starts_with(&content);
            if !is_ours && !has_extension(&file, "new") {
                return Err(refused(folder, format!("holds another {} than this log", file.display())));
            }
        }
        Ok(())
    })?;
    found.is_empty().then_some(()).ok_or_else(|| refused(folder, "is not empty and no export"))
}

/// The full tile's path that a file's is, that of a partial one or of one not yet in its place included.
fn whole(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if has_extension(parent, "p") => parent.with_extension(""),
        _ if has_extension(path, "new") => path.with_extension(""),
        _ => path.to_owned(),
    }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// All files below a folder; none where there is no such folder.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(at) = folders.pop() {
        let entries = match fs::read_dir(&at) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let is_folder = entry.file_type()?.is_dir();
            if is_folder { &mut folders } else { &mut files }.push(entry.path());
        }
    }
    Ok(files)
}
