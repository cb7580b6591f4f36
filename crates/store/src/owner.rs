//! Who has the folder open: `<dir>/owner`, one JSON line a process.
//!
//! SQLite's own locks arbitrate between processes that use its native library, so those share the folder. An engine
//! whose SQLite locks by other means is exclusive, and neither kind may join while the other is alive. A holder is
//! dead when its pid is gone, or when the machine has booted or the pid has been given out again since.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::{StoreError, dir::lock};

/// One process that has the folder open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// When that process started, in seconds after the machine did, so that a pid given out again is not taken for it
    /// and a clock that is set changes nothing.
    pub started: u64,
    /// Which boot of the machine it runs in.
    pub boot: String,
    /// `native` or `fallback`.
    pub engine: String,
    /// `shared` or `exclusive`.
    pub mode: String,
}

impl Holder {
    fn this_process() -> Self {
        let pid = std::process::id();
        Self {
            pid,
            started: started(pid).unwrap_or_default(),
            boot: boot(),
            engine: "native".into(),
            mode: "shared".into(),
        }
    }

    /// Whether that process still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.boot == boot() && started(self.pid).is_some_and(|started| started.abs_diff(self.started) <= 1)
    }
}

/// The kernel's id of this boot; elsewhere the time of it.
fn boot() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map_or_else(|_| System::boot_time().to_string(), |id| id.trim().to_owned())
}

fn started(pid: u32) -> Option<u64> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    system.process(pid).map(|process| process.start_time().saturating_sub(System::boot_time()))
}

/// This process's entry in `<dir>/owner`, removed on drop.
#[derive(Debug)]
pub struct Owner {
    path: PathBuf,
    me: Holder,
}

impl Owner {
    /// Enters this process, or says who excludes it (`StoreError::Locked`).
    pub fn enter(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("owner");
        let at = |error: std::io::Error| StoreError::at(&path, &error);
        // Two that change the file at once would strike each other's lines out.
        let _alone = lock(dir).map_err(at)?;
        let me = Holder::this_process();
        let holders = read(&path)?;
        let mut alive: Vec<_> = holders.into_iter().filter(Holder::is_alive).collect();
        if let Some(other) = alive.iter().find(|holder| holder.mode != "shared") {
            return Err(StoreError::Locked(format!("process {} ({} engine, {})", other.pid, other.engine, other.mode)));
        }
        if !alive.contains(&me) {
            alive.push(me.clone());
        }
        replace(&path, &alive).map_err(at)?;
        // Read again: an exclusive engine, which does not know the lock, may have replaced the file in between.
        let now = read(&path)?;
        if now.iter().any(|holder| holder.mode != "shared" && holder.is_alive()) || !now.contains(&me) {
            return Err(StoreError::Locked("another process that opened it at the same moment".into()));
        }
        Ok(Self { path, me })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _alone = self.path.parent().map(lock);
        let others: Vec<_> = read(&self.path)
            .unwrap_or_default()
            .into_iter()
            .filter(|holder| *holder != self.me && holder.is_alive())
            .collect();
        // An entry that stays behind is harmless: its process is dead by the time anybody reads it.
        let _ = if others.is_empty() { fs::remove_file(&self.path) } else { replace(&self.path, &others) };
    }
}

/// Who is entered in `<dir>/owner`, dead or alive.
pub fn holders(dir: &Path) -> Result<Vec<Holder>, StoreError> {
    read(&dir.join("owner"))
}

fn read(path: &Path) -> Result<Vec<Holder>, StoreError> {
    match fs::read(path) {
        // A line that cannot be read was torn by a crash; its writer is dead.
        Ok(text) => {
            Ok(text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(StoreError::at(path, &error)),
    }
}

fn line(holder: &Holder) -> String {
    serde_json::to_string(holder).expect("a holder is plain data") + "\n"
}

fn replace(path: &Path, holders: &[Holder]) -> std::io::Result<()> {
    let next = path.with_extension(format!("{}", std::process::id()));
    fs::write(&next, holders.iter().map(line).collect::<String>())?;
    fs::rename(&next, path)
}
