//! Where PostgreSQL is on this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder with `initdb` and `postgres`: what `pg_config` says, a folder of `PATH`, or where packages put it.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let complete = |folder: &PathBuf| ["initdb", "postgres", "createdb"].iter().all(|name| folder.join(name).is_file());
    let said = Command::new("pg_config").arg("--bindir").output().ok().filter(|output| output.status.success());
    let said = said.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let in_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    said.into_iter()
        .chain(in_path.into_iter().flatten())
        .chain(versions(Path::new("/usr/lib/postgresql"), "bin"))
        .chain(versions(Path::new("/opt/homebrew/opt"), "bin"))
        .chain([PathBuf::from("/usr/local/pgsql/bin")])
        .find(complete)
        .ok_or_else(|| "PostgreSQL is not installed: `initdb` is neither in PATH nor where packages put it".to_owned())
}

/// `<root>/<version>/<leaf>`, the newest version first.
fn versions(root: &Path, leaf: &str) -> Vec<PathBuf> {
    let number = |path: &Path| -> u32 {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.trim_start_matches("postgresql@").parse().unwrap_or(0)
    };
    let mut found: Vec<_> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|at| number(at) > 0)
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(number(path)));
    found.into_iter().map(|path| path.join(leaf)).collect()
}
