//! The user that the cluster runs as: PostgreSQL refuses to run as root.

use std::{fs, path::Path, process::Command};

/// An unprivileged user, or the one that runs the tests.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// Name, user id and group id of another user, where the tests run as root.
    other: Option<(String, u32, u32)>,
}

impl Account {
    /// The user `postgres`, else `nobody`, where the tests run as root; else whoever runs them.
    pub(crate) fn choose() -> Result<Self, String> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self { other: None });
        }
        if Command::new("setpriv").arg("--version").output().is_err() {
            return Err("PostgreSQL does not run as root, and there is no `setpriv` to become another user".into());
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Some((name.to_owned(), id(&["-u", name])?, id(&["-g", name])?)))
            .map(|other| Self { other: Some(other) })
            .ok_or_else(|| "PostgreSQL does not run as root, and there is no other user".into())
    }

    /// A command that runs as this user.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let Some((_, user, group)) = &self.other else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={user}")).arg(format!("--regid={group}")).arg("--clear-groups").arg(program);
        command
    }

    /// Writes a file, or makes a folder where there is no text, that this user alone may read.
    pub(crate) fn give(&self, path: &Path, text: Option<&str>) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        match text {
            Some(text) => fs::write(path, text).map_err(failed)?,
            None => fs::create_dir_all(path).map_err(failed)?,
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt, chown};
            let mode = if text.is_some() { 0o600 } else { 0o700 };
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(failed)?;
            if let Some((_, user, group)) = &self.other {
                chown(path, Some(*user), Some(*group)).map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}
