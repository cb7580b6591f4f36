//! The SQLite database `<dir>/vouchsafe.db`: one write connection a process, any number of readers.

mod archive;
mod coverage;
mod inspect;
mod ledger;
mod log;
mod open;
mod read;
mod recent;
mod retention;
mod row;
mod schema;
mod shipped;
mod trace;
mod write;

pub use archive::{ArchivedCommit, ArchivedRow};
pub use coverage::{Coverage, Interval};
pub use inspect::Sizes;
pub use ledger::{Commit, LeafRow};
pub use log::SqliteLedger;
pub use open::{Database, Held, Readers};
pub use read::{Reader, StoredRow};
pub use retention::Retention;
pub use schema::FORMAT;
pub use shipped::Shipped;
pub use trace::{Trace, TraceClaim, TraceSummary};
pub use write::{NewRow, WriteConnection, WriteTx};
