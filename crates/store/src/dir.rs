//! The data folder: made private, ignored by git, and told apart by its real path.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::StoreError;

/// Creates the folder where it is missing (mode 0700, with a `.gitignore` of `*`) and returns its real path.
pub fn prepare(dir: &Path) -> Result<PathBuf, StoreError> {
    let at = |error: &io::Error| StoreError::at(dir, error);
    if !dir.exists() {
        let missing: Vec<_> = dir.ancestors().take_while(|at| !at.as_os_str().is_empty() && !at.exists()).collect();
        create_private(dir).map_err(|error| at(&error))?;
        // SQLite makes the files in the folder durable; that the folder itself stays is up to us.
        for made in missing {
            let parent = made.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            sync_folder(parent).map_err(|error| at(&error))?;
        }
    }
    if !dir.is_dir() {
        return Err(StoreError::NotAFolder(dir.to_owned()));
    }
    let real = dir.canonicalize().map_err(|error| at(&error))?;
    let ignore = real.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "*\n").map_err(|error| at(&error))?;
    }
    Ok(real)
}

#[cfg(unix)]
fn create_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn create_private(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

/// Writes a new file that only its owner may read and makes it durable; fails where the file exists. Whoever finds the
/// file finds all of it, and a crash leaves no half of it behind.
pub fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    use io::Write;
    let next = path.with_extension(format!("{}.new", std::process::id()));
    let _ = fs::remove_file(&next);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&next)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    // Unlike a rename, a link never replaces what is there. Where there are no links, the lock has to do.
    let linked = match fs::hard_link(&next, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !path.exists() => fs::rename(&next, path),
        linked => linked,
    };
    let _ = fs::remove_file(&next);
    linked?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Keeps other processes out of what must not be done by two at once, until the file is dropped or the process dies.
///
/// Where the file system knows no locks the guard guards nothing, as SQLite's own would not.
pub(crate) fn lock(dir: &Path) -> io::Result<fs::File> {
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("lock"))?;
    let _ = file.lock();
    Ok(file)
}

/// Makes a folder's entries durable, so that a file in it survives a power cut.
pub fn sync_folder(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}
