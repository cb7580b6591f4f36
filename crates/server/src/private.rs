//! Files that only their owner may read.

use std::path::Path;

/// Says what is wrong where others may read the file.
#[cfg(unix)]
pub fn check(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(|error| error.to_string())?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(format!("{} must be readable by its owner only: chmod 600", path.display()));
    }
    Ok(())
}

/// Elsewhere there are no modes to check.
#[cfg(not(unix))]
pub fn check(_path: &Path) -> Result<(), String> {
    Ok(())
}
