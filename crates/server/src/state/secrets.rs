//! The folder's secrets: one JSON file that only its owner may read, replaced as a whole.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use vouchsafe_store::{StoreError, dir};

use crate::private;

pub struct Secrets {
    path: PathBuf,
    known: Mutex<BTreeMap<String, String>>,
}

impl Secrets {
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let known = match fs::read_to_string(path) {
            Ok(text) => {
                private::check(path).map_err(|error| StoreError::ReadOnly(path.to_owned(), error))?;
                serde_json::from_str(&text)
                    .map_err(|_| StoreError::Corrupt(format!("{} is not what was written", path.display())))?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(StoreError::at(path, &error)),
        };
        Ok(Self { path: path.to_owned(), known: Mutex::new(known) })
    }

    pub fn get(&self, name: &str) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub fn get_or(&self, name: String, fresh: String) -> Result<String, StoreError> {
        if let Some(known) = self.get(&name) {
            return Ok(known);
        }
        self.put(name, fresh.clone())?;
        Ok(fresh)
    }

    pub fn put(&self, name: String, secret: String) -> Result<(), StoreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = known.clone();
        next.insert(name, secret);
        self.write(&next).map_err(|error| StoreError::at(&self.path, &error))?;
        *known = next;
        Ok(())
    }

    fn write(&self, secrets: &BTreeMap<String, String>) -> io::Result<()> {
        let next = self.path.with_extension("next");
        let _ = fs::remove_file(&next);
        dir::write_secret(&next, &serde_json::to_string_pretty(secrets)?)?;
        fs::rename(&next, &self.path)?;
        dir::sync_folder(self.path.parent().unwrap_or(Path::new(".")))
    }
}
