//! Where the tree is kept, and what can be wrong with it.

/// Where the pages of one map are kept.
pub trait MapStore {
    /// What can go wrong while reading.
    type Error;

    /// The stored bytes of a page, `None` where there is none. Page numbers are below 2^63.
    fn page(&self, number: u64) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// Why the map cannot be read or added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MapError<E> {
    /// The store failed.
    #[error("the page store failed: {0}")]
    Store(E),
    /// A page is missing or is not the one that the root stands for.
    #[error("page {0} of the map is missing or damaged")]
    Damaged(u64),
}
