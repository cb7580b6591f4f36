//! Documents and secrets as what they are.

use std::sync::Arc;

use uuid::Uuid;
use vouchsafe_store::StoreError;

use super::{Credentials, Database, Document, KEPT, Kind, State};
use crate::clock::{Clock, first_id};

/// What the server remembers.
#[derive(Clone)]
pub struct Catalog(Arc<dyn State>, Clock);

impl Catalog {
    pub fn new(state: Arc<dyn State>, clock: Clock) -> Self {
        Self(state, clock)
    }

    pub async fn put<D: Document>(&self, document: &D) -> Result<(), StoreError> {
        self.0.put(D::KIND, document.id(), write(document)).await
    }

    pub async fn get<D: Document>(&self, id: Uuid) -> Result<Option<D>, StoreError> {
        // Gone, whether or not it was already deleted.
        if Kind::PASSING.contains(&D::KIND) && id < first_id(self.1, KEPT) {
            return Ok(None);
        }
        self.0.get(D::KIND, id).await?.map(|body| read(&body)).transpose()
    }

    pub async fn list<D: Document>(&self) -> Result<Vec<D>, StoreError> {
        self.0.list(D::KIND).await?.iter().map(|body| read(body)).collect()
    }

    pub async fn put_credentials(&self, database: &Database, of: &Credentials) -> Result<(), StoreError> {
        self.0.put_secret(credentials_name(database), write(of)).await
    }

    pub async fn credentials(&self, database: &Database) -> Result<Option<Credentials>, StoreError> {
        self.0.secret(credentials_name(database)).await?.map(|secret| read(&secret)).transpose()
    }

    /// What integration keys are derived from.
    pub async fn integration_secret(&self, fresh: String) -> Result<String, StoreError> {
        self.0.secret_or("integration keys".into(), fresh).await
    }
}

fn credentials_name(database: &Database) -> String {
    format!("database {}", database.id())
}

fn write(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("plain fields")
}

fn read<D: serde::de::DeserializeOwned>(body: &str) -> Result<D, StoreError> {
    // The error of a secret that does not read must not quote it.
    serde_json::from_str(body).map_err(|_| StoreError::Corrupt("a document of the server's state".into()))
}
