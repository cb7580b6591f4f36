//! What the server remembers besides the logs: who registered what, which queries were made, how commits ended.
//!
//! - `document`: the things that are remembered
//! - `database`, `run`: of these, registered tables, and commits that were asked for
//! - `catalog`: reading and writing them as what they are
//! - `folder`: kept in a folder, by one server
//! - `writer`: the folder's one writing thread
//! - `secrets`: the folder's file of passwords
//! - `shared`: kept in a database, by any number of servers

mod catalog;
mod database;
mod document;
mod folder;
mod run;
mod secrets;
mod shared;
mod writer;

use uuid::Uuid;
use vouchsafe_backend::BoxFuture;
use vouchsafe_store::StoreError;

pub use catalog::Catalog;
pub use database::{Credentials, Database, Table};
pub use document::{Collection, Document, Integration, KEPT, Kind, Organization, Queried};
pub use folder::Folder;
pub use run::{Newest, Run, RunStatus};
pub use shared::Shared;

/// Where documents and secrets are kept. What was put is found again after the process was killed.
pub trait State: Send + Sync {
    /// Keeps a document, in place of the one that had its id.
    fn put(&self, kind: Kind, id: Uuid, body: String) -> BoxFuture<'_, Result<(), StoreError>>;
    /// The document with this id.
    fn get(&self, kind: Kind, id: Uuid) -> BoxFuture<'_, Result<Option<String>, StoreError>>;
    /// All documents of a kind.
    fn list(&self, kind: Kind) -> BoxFuture<'_, Result<Vec<String>, StoreError>>;
    /// Keeps a secret, apart from the documents, in place of the one that had its name.
    fn put_secret(&self, name: String, secret: String) -> BoxFuture<'_, Result<(), StoreError>>;
    /// The secret of this name, which becomes `fresh` where there is none.
    fn secret_or(&self, name: String, fresh: String) -> BoxFuture<'_, Result<String, StoreError>>;
    /// The secret of this name.
    fn secret(&self, name: String) -> BoxFuture<'_, Result<Option<String>, StoreError>>;
}
