//! What is durable, what is not yet, and what of it a power cut leaves behind.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use super::{Random, vfs};

const SECTOR: usize = 512;

/// What goes wrong with the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Writes report that there is no space left.
    Full,
    /// Syncs report an I/O error.
    SyncFails,
    /// Syncs report success and do nothing.
    SyncLies,
}

/// A disk, known to SQLite as a VFS.
pub struct Disk {
    name: String,
    state: Mutex<State>,
}

struct State {
    files: BTreeMap<PathBuf, Tracked>,
    fault: Fault,
    changes: u64,
    cut_after: Option<u64>,
    off: bool,
    wal_syncs: u64,
}

/// A file as the disk would have it after a power cut.
#[derive(Default, Clone)]
struct Tracked {
    durable: Vec<u8>,
    pending: Vec<Change>,
    /// The folder's entry was synced.
    entered: bool,
    /// Deleted, and the folder not synced since.
    deleted: bool,
    /// What this file took the name of, while that deletion is not durable.
    former: Option<Vec<u8>>,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// Whether a change may go on to the real file.
pub(super) enum Verdict {
    Go,
    Fail(i32),
}

impl Disk {
    /// A new disk under a name of its own.
    pub fn install(name: &str) -> Arc<Self> {
        let state =
            State { files: BTreeMap::new(), fault: Fault::None, changes: 0, cut_after: None, off: false, wal_syncs: 0 };
        let disk = Arc::new(Self { name: name.to_owned(), state: Mutex::new(state) });
        vfs::register(&disk);
        disk
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the disk")
    }

    /// Forgets all files (what is in the folders counts as durable) and cuts the power after so many changes.
    pub fn power_on(&self, cut_after: Option<u64>) {
        let mut state = self.lock();
        state.files.clear();
        (state.changes, state.cut_after, state.off) = (0, cut_after, false);
    }

    pub fn cut(&self) {
        self.lock().off = true;
    }

    pub fn is_off(&self) -> bool {
        self.lock().off
    }

    pub fn set_fault(&self, fault: Fault) {
        self.lock().fault = fault;
    }

    /// Writes, truncations, syncs and deletions since the power came on.
    pub fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// Syncs of a write-ahead log: one a transaction.
    pub fn wal_syncs(&self) -> u64 {
        self.lock().wal_syncs
    }

    /// Writes what is left after the power cut into another folder.
    pub fn materialise(&self, to: &Path, random: &mut Random) {
        for (path, file) in &self.lock().files {
            if let Some(bytes) = file.survivor(random) {
                std::fs::write(to.join(path.file_name().expect("a file")), bytes).expect("the folder can be written");
            }
        }
    }

    pub(super) fn opened(&self, path: &Path, existed: bool) {
        let mut state = self.lock();
        let known = state.files.get(path);
        if known.is_some_and(|file| !file.deleted) {
            return;
        }
        let former = known.filter(|file| file.entered).map(|file| file.durable.clone());
        let durable = if existed { std::fs::read(path).unwrap_or_default() } else { Vec::new() };
        state.files.insert(path.to_owned(), Tracked { durable, entered: existed, former, ..Tracked::default() });
    }

    /// Counts a change; false once the power is off. The change at which it goes off is half done.
    fn alive(state: &mut State) -> bool {
        if state.off {
            return false;
        }
        state.changes += 1;
        state.off = state.cut_after.is_some_and(|cut| state.changes > cut);
        true
    }

    fn change(&self, path: &Path, change: Change) -> Verdict {
        let mut state = self.lock();
        if state.fault == Fault::Full {
            return Verdict::Fail(rusqlite::ffi::SQLITE_FULL);
        }
        if Self::alive(&mut state) {
            state.files.entry(path.to_owned()).or_default().pending.push(change);
        }
        state.verdict()
    }

    pub(super) fn write(&self, path: &Path, offset: usize, bytes: &[u8]) -> Verdict {
        self.change(path, Change::Write(offset, bytes.to_owned()))
    }

    pub(super) fn truncate(&self, path: &Path, length: usize) -> Verdict {
        self.change(path, Change::Truncate(length))
    }

    /// Makes a file durable and, where it is a new journal, the entries of its folder, as SQLite does.
    pub(super) fn sync(&self, path: &Path, with_folder: bool) -> Verdict {
        let mut state = self.lock();
        if state.fault == Fault::SyncFails {
            return Verdict::Fail(rusqlite::ffi::SQLITE_IOERR_FSYNC);
        }
        let _ = Self::alive(&mut state);
        if !state.off && state.fault != Fault::SyncLies {
            if path.to_string_lossy().ends_with("-wal") {
                state.wal_syncs += 1;
            }
            state.files.entry(path.to_owned()).or_default().settle();
            if with_folder {
                state.sync_folder();
            }
        }
        state.verdict()
    }

    pub(super) fn delete(&self, path: &Path, with_folder: bool) -> Verdict {
        let mut state = self.lock();
        if Self::alive(&mut state) {
            state.files.entry(path.to_owned()).or_default().deleted = true;
            if with_folder && !state.off {
                state.sync_folder();
            }
        }
        state.verdict()
    }
}

impl State {
    fn verdict(&self) -> Verdict {
        if self.off { Verdict::Fail(rusqlite::ffi::SQLITE_IOERR) } else { Verdict::Go }
    }

    fn sync_folder(&mut self) {
        self.files.retain(|_, file| !file.deleted);
        for file in self.files.values_mut() {
            (file.entered, file.former) = (true, None);
        }
    }
}

impl Tracked {
    fn settle(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            change.apply(&mut self.durable, &mut |_| true);
        }
    }

    /// What is left of the file: what was synced, and of the rest none, all, the beginning or any sectors.
    fn survivor(&self, random: &mut Random) -> Option<Vec<u8>> {
        if self.deleted && random.coin() {
            return None;
        }
        if !self.entered && random.coin() {
            return self.former.clone();
        }
        let mut bytes = self.durable.clone();
        let mode = random.below(4);
        let prefix = random.below(self.pending.len() as u64 + 1);
        for (position, change) in (0u64..).zip(&self.pending) {
            let torn = random.below(16);
            change.apply(&mut bytes, &mut |sector| match mode {
                0 => false,
                1 => true,
                2 => position < prefix || (position == prefix && sector < torn),
                _ => random.coin(),
            });
        }
        Some(bytes)
    }
}

impl Change {
    /// Applies the sectors that `survives` picks, numbered from the change's beginning.
    fn apply(&self, file: &mut Vec<u8>, survives: &mut dyn FnMut(u64) -> bool) {
        match self {
            Self::Truncate(length) => {
                if survives(0) {
                    file.truncate(*length);
                }
            }
            Self::Write(offset, bytes) => {
                let (mut from, mut sector) = (0, 0);
                while from < bytes.len() {
                    let at = offset + from;
                    let until = bytes.len().min(from + SECTOR - at % SECTOR);
                    if survives(sector) {
                        let end = offset + until;
                        if file.len() < end {
                            file.resize(end, 0);
                        }
                        file[at..end].copy_from_slice(&bytes[from..until]);
                    }
                    (from, sector) = (until, sector + 1);
                }
            }
        }
    }
}
