//! Databases and tables that are registered.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::document::{Document, Kind, id_of};

/// A database as an organization registered it, which has its own user, connections and log: what another organization
/// registers, with fewer rights or none, changes nothing here, and nobody reads with another's rights. A name alone says
/// nothing: many servers have a database `postgres`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    pub org: Uuid,
    pub host: String,
    pub port: u16,
    pub name: String,
}

impl Database {
    /// The same whoever of the organization registers it. All names of this machine are one host.
    pub fn id(&self) -> Uuid {
        let bare = self.host.trim_matches(['[', ']']);
        let local = bare.eq_ignore_ascii_case("localhost")
            || bare.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        let host = if local { "localhost".to_owned() } else { bare.to_ascii_lowercase() };
        id_of(&["database", &self.org.to_string(), &host, &self.port.to_string(), &self.name])
    }

    /// Where it is, as it is registered: `host:port`.
    pub fn uri(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    pub fn schema_id(&self) -> Uuid {
        id_of(&["schema", &self.id().to_string(), Table::SCHEMA])
    }

    pub fn table_id(&self) -> Uuid {
        id_of(&["table", &self.schema_id().to_string(), Table::NAME])
    }

    pub fn column_id(&self, column: &str) -> Uuid {
        id_of(&["column", &self.table_id().to_string(), column])
    }
}

/// The user and the password of a database: a secret, so that it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

/// The table of a registered database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    pub database: Database,
    /// When it was registered last, in µs since 1970.
    pub registered_us: u64,
}

impl Table {
    pub const NAME: &str = "intercepts";
    pub const SCHEMA: &str = "public";
}

impl Document for Table {
    const KIND: Kind = Kind::Table;

    fn id(&self) -> Uuid {
        self.database.table_id()
    }
}
