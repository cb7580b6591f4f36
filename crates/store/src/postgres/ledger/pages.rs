//! Pages of the map that the last commit has left.
//!
//! A commit reads a few pages for every key that it adds, one after the other, and each is a round trip; mostly they are
//! the ones that the commit before it wrote.

use std::{collections::HashMap, sync::Arc};

use super::write::Written;
use crate::sqlite::Commit;

/// In bytes; above it all are forgotten, and those that are needed come again.
const MOST: usize = 16 << 20;

/// The pages of this process's last commit, which are the log's as long as that commit is its newest one.
#[derive(Debug, Default)]
pub(super) struct Pages {
    commit: Option<Commit>,
    nodes: HashMap<u64, Arc<[u8]>>,
    bytes: usize,
}

impl Pages {
    /// A page under the log's newest commit, if it is here.
    pub fn get(&self, newest: Option<&Commit>, number: u64) -> Option<Arc<[u8]>> {
        if self.commit.is_none() || self.commit.as_ref() != newest {
            return None;
        }
        self.nodes.get(&number).cloned()
    }

    /// Keeps what a commit has read and written, once it is durable.
    pub fn keep(&mut self, written: Written) {
        if self.commit != written.before || self.bytes > MOST {
            *self = Self::default();
        }
        for (number, nodes) in written.pages_read.into_iter().chain(written.pages) {
            self.bytes += nodes.len();
            if let Some(replaced) = self.nodes.insert(number, nodes) {
                self.bytes -= replaced.len();
            }
        }
        self.commit = written.commit.or(written.before);
    }
}
