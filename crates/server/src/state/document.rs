//! The things that are remembered, each under an id that is made of what it is: registered again, it is the same one,
//! on whichever replica.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// The kinds of documents, by the number they are kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`Organization`].
    Organization = 1,
    /// [`Table`].
    Table = 2,
    /// [`Collection`].
    Collection = 3,
    /// [`Integration`].
    Integration = 4,
    /// [`Run`].
    Run = 6,
    /// [`Newest`].
    Newest = 7,
    /// [`Queried`].
    Query = 8,
}

/// How long queries and runs are kept. Whoever needs an answer for longer keeps its proof, which stands alone.
pub const KEPT: Duration = Duration::from_hours(7 * 24);

impl Kind {
    /// Kinds of which there are more every day. The ids of their documents tell when they were made.
    pub const PASSING: [Self; 2] = [Self::Run, Self::Query];
}

/// A document of one kind.
pub trait Document: Serialize + DeserializeOwned + Send {
    /// Its kind.
    const KIND: Kind;
    /// Its id.
    fn id(&self) -> Uuid;
}

/// The id of what these parts name.
pub(super) fn id_of(parts: &[&str]) -> Uuid {
    let name = serde_json::to_string(parts).expect("a list of texts");
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
}

/// An organization that somebody made a middleware for.
#[derive(Serialize, Deserialize)]
pub struct Organization {
    pub id: Uuid,
}

impl Organization {
    pub fn middleware_id(org: Uuid) -> Uuid {
        id_of(&["middleware", &org.to_string()])
    }

    /// One that may be used where nobody has any.
    pub fn first() -> Uuid {
        id_of(&["organization"])
    }
}

impl Document for Organization {
    const KIND: Kind = Kind::Organization;

    fn id(&self) -> Uuid {
        self.id
    }
}

/// A project's name for a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Collection {
    pub org: Uuid,
    pub name: String,
    pub table: Uuid,
}

impl Document for Collection {
    const KIND: Kind = Kind::Collection;

    fn id(&self) -> Uuid {
        id_of(&["collection", &self.org.to_string(), &self.name, &self.table.to_string()])
    }
}

/// Whoever checks what an organization's agents hand over; its key is not kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Integration {
    pub org: Uuid,
    pub name: String,
    pub collections: Vec<Uuid>,
    /// Those of the collections: all that the key opens.
    pub tables: Vec<Uuid>,
    /// How many keys of it were revoked.
    pub revoked: u32,
}

impl Document for Integration {
    const KIND: Kind = Kind::Integration;

    fn id(&self) -> Uuid {
        let mut collections: Vec<_> = self.collections.iter().map(Uuid::to_string).collect();
        collections.sort();
        id_of(&["integration", &self.org.to_string(), &self.name, &collections.join(" ")])
    }
}

/// A query that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queried {
    pub id: Uuid,
    pub org: Uuid,
    pub table: Uuid,
    pub sql: String,
    /// Whether somebody asked for its verification.
    pub verify: bool,
}

impl Document for Queried {
    const KIND: Kind = Kind::Query;

    fn id(&self) -> Uuid {
        self.id
    }
}
