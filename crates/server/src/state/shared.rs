//! The state in a database that several servers share.

use uuid::Uuid;
use vouchsafe_backend::BoxFuture;
use vouchsafe_store::{StoreError, postgres::Documents};

use super::{KEPT, Kind, State};
use crate::clock::{Clock, first_id};

/// The state of any number of servers. Nothing of it is kept in memory, so that none is older than another server's.
pub struct Shared {
    documents: Documents,
    clock: Clock,
}

/// So many that are too old are deleted with each one that is written: more than come, so that none are left.
const DELETED: i64 = 2;

impl Shared {
    pub fn new(documents: Documents, clock: Clock) -> Self {
        Self { documents, clock }
    }
}

impl State for Shared {
    fn put(&self, kind: Kind, id: Uuid, body: String) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let put = self.documents.put(kind as i16, id, &body);
            if !Kind::PASSING.contains(&kind) {
                return put.await;
            }
            let oldest = first_id(self.clock, KEPT);
            let (put, deleted) = tokio::join!(put, self.documents.delete_before(kind as i16, oldest, DELETED));
            put.and(deleted)
        })
    }

    fn get(&self, kind: Kind, id: Uuid) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        Box::pin(self.documents.get(kind as i16, id))
    }

    fn list(&self, kind: Kind) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(self.documents.list(kind as i16))
    }

    fn put_secret(&self, name: String, secret: String) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.documents.put_secret(&name, &secret).await })
    }

    fn secret_or(&self, name: String, fresh: String) -> BoxFuture<'_, Result<String, StoreError>> {
        Box::pin(async move { self.documents.secret_or(&name, &fresh).await })
    }

    fn secret(&self, name: String) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        Box::pin(async move { self.documents.secret(&name).await })
    }
}
