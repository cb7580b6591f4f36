//! What every route works with.

use std::{collections::BTreeSet, sync::Arc};

use uuid::Uuid;

use crate::{
    auth::{Caller, Keys},
    clock::Clock,
    ids::other_collections,
    limits::Limits,
    log::Log,
    metrics::Metrics,
    refusal::{Answer, Refusal},
    state::{Catalog, Table},
    table::{Runs, Tables},
};

/// One server's parts.
pub struct App {
    pub catalog: Catalog,
    pub keys: Keys,
    pub tables: Arc<Tables>,
    pub runs: Arc<Runs>,
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
    pub log: Log,
    /// The organizations that are served; any where there is no list.
    pub orgs: Option<BTreeSet<Uuid>>,
    pub max_body_bytes: usize,
    pub clock: Clock,
}

impl App {
    /// A table of the organization that this caller may read.
    pub async fn readable(&self, caller: &Caller, org: Uuid, table: Uuid) -> Answer<Table> {
        if !caller.may_read(table) {
            return Err(other_collections());
        }
        self.registered(org, table).await
    }

    /// A table as the organization registered it.
    pub async fn registered(&self, org: Uuid, table: Uuid) -> Answer<Table> {
        let found: Option<Table> = self.catalog.get(table).await?;
        found.filter(|found| found.database.org == org).ok_or_else(|| Refusal::not_found("table"))
    }
}
