//! The inputs that others are made of.

use crate::MAX_BYTES;
use crate::change::Change;
use proptest::sample::Index;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The files of one target's folder, by name.
pub(crate) struct Corpus {
    folder: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Corpus {
    pub(crate) fn read(package: &str, name: &str) -> Self {
        let folder = Path::new(package).join("tests/fuzz/corpus").join(name);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file of the corpus").path()).collect();
        paths.sort();
        let content = |path: &PathBuf| fs::read(path).expect("a file of the corpus");
        let files: Vec<_> = paths.into_iter().map(|path| (path.clone(), content(&path))).collect();
        assert!(!files.is_empty(), "{} has no files", folder.display());
        Self { folder, files }
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_path(), content.as_slice()))
    }

    /// A file of the corpus, changed.
    pub(crate) fn changed(&self, start: Index, changes: &[Change]) -> Vec<u8> {
        let content = |file: Index| self.files[file.index(self.files.len())].1.as_slice();
        changes.iter().fold(content(start).to_vec(), |mut input, change| {
            change.apply(&mut input, content);
            input.truncate(MAX_BYTES);
            input
        })
    }

    /// Writes an input that failed into the folder.
    pub(crate) fn keep(&self, input: &[u8]) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let path = self.folder.join(format!("found-{:016x}", hasher.finish()));
        fs::write(&path, input).expect("the corpus can be written to");
        path
    }
}
