//! The ledger over a table in a Postgres, which any number of processes share.

use std::sync::Arc;

use vouchsafe_store::{
    ledger::LedgerStore,
    postgres::{Intercepts, PostgresLedger},
};

use super::{TableBackend, TableOptions};
use crate::{
    BackendError, Embedded, Ledger,
    embedded::key::{generate, parse, to_text},
};

impl TableBackend {
    /// Keeps the ledger in a Postgres, where any number of processes may share it.
    ///
    /// Ledger and table need pools of connections of their own, though it be one database: a payload keeps a connection of
    /// the ledger's while it asks the table, and would wait for itself.
    pub async fn over_postgres(
        ledger: PostgresLedger,
        intercepts: Intercepts,
        options: TableOptions,
    ) -> Result<Self, BackendError> {
        let unusable = |why: String| BackendError::Key(format!("of the log in Postgres {why}"));
        let new = generate(options.origin.as_deref()).map_err(|error| unusable(error.to_string()))?;
        let key = ledger.key(&to_text(&new)).await?;
        let key = parse(key.trim()).ok_or_else(|| unusable("is none".into()))?;
        if let Some(origin) = options.origin.filter(|origin| origin != key.name()) {
            return Err(unusable(format!("belongs to the origin {}, not to {origin}", key.name())));
        }
        let store: Arc<dyn LedgerStore> = Arc::new(ledger);
        let ledger = Ledger::open_in(&*store, key, options.now_us).await?;
        let embedded = Embedded::over(Arc::new(ledger), store);
        Self { embedded, intercepts, turns: Arc::default(), hints: Arc::default(), folder: None }.begin().await
    }
}
