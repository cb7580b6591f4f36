//! The file with the operator's keys.

use std::{fs, io, path::Path, sync::Arc};

use vouchsafe_store::dir;

use super::{KeyHash, Scope, fresh, hash};
use crate::{ServeError, private};

/// A key of the file.
pub struct Entry {
    pub name: Arc<str>,
    pub hash: KeyHash,
    pub scope: Scope,
}

/// The file's keys, and the token that was made with the file.
pub struct TokenFile {
    pub entries: Vec<Entry>,
    pub fresh: Option<String>,
}

impl TokenFile {
    pub fn read(path: &Path) -> Result<Self, ServeError> {
        let wrong = |what: String| ServeError::Keys(format!("{}: {what}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        private::check(path).map_err(ServeError::Keys)?;
        let lines = text.lines().enumerate().map(|(n, line)| (n + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let entries: Option<Vec<_>> = lines.map(|(n, line)| entry(n, line)).collect();
        let entries = entries.ok_or_else(|| {
            wrong("each line is `name sha256:<64 hex digits> [full|read]`, or a token of 16 characters or more".into())
        })?;
        if entries.is_empty() {
            return Err(wrong("no key in it".into()));
        }
        Ok(Self { entries, fresh: None })
    }

    /// Reads the file, or makes it with a fresh token, of which it keeps the hash only.
    pub fn read_or_make(path: &Path) -> Result<Self, ServeError> {
        let token = fresh();
        let line = format!("default sha256:{} full\n", hex::encode(hash(&token)));
        let made = match dir::write_secret(path, &line) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(ServeError::Keys(format!("{}: {error}", path.display()))),
        };
        Ok(Self { fresh: made.then_some(token), ..Self::read(path)? })
    }
}

fn entry(number: usize, line: &str) -> Option<Entry> {
    let words: Vec<_> = line.split_whitespace().collect();
    let (name, hash, scope) = match words.as_slice() {
        [token] if token.len() >= 16 && !token.starts_with("sha256:") => {
            (format!("token-{number}"), hash(token), "full")
        }
        [name, hash] => ((*name).to_owned(), digest(hash)?, "full"),
        [name, hash, scope] => ((*name).to_owned(), digest(hash)?, *scope),
        _ => return None,
    };
    let scope = match scope {
        "full" => Scope::Full,
        "read" => Scope::Read,
        _ => return None,
    };
    Some(Entry { name: name.into(), hash, scope })
}

fn digest(word: &str) -> Option<KeyHash> {
    hex::decode(word.strip_prefix("sha256:")?).ok()?.try_into().ok()
}
