//! The rows that this connection wrote last, as far as their leaves need them.
//!
//! A commit follows its rows closely. To read them back from the table would be to read a page for each of them, since
//! bodies stand beside what a leaf needs; in a burst that took as long as writing them.

use std::collections::VecDeque;

use super::LeafRow;

/// Enough for a burst between two commits; beyond it rows are read from the table.
const MOST: usize = 65_536;

/// An unbroken stretch of rows up to the table's newest.
#[derive(Debug, Default)]
pub(super) struct Recent {
    rows: VecDeque<LeafRow>,
}

impl Recent {
    /// The number behind the newest row.
    pub fn end(&self) -> Option<u64> {
        self.rows.back().map(|row| row.row_seq + 1)
    }

    /// Adds the table's newest row; where another process wrote rows in between, the stretch begins anew.
    pub fn push(&mut self, row: LeafRow) {
        if self.end().is_some_and(|end| end != row.row_seq) {
            self.rows.clear();
        }
        if self.rows.len() == MOST {
            self.rows.pop_front();
        }
        self.rows.push_back(row);
    }

    /// Forgets the rows from `end` on: their transaction was undone.
    pub fn cut(&mut self, end: Option<u64>) {
        while self.end() > end {
            self.rows.pop_back();
        }
    }

    /// The rows from `first` to `end`, the number behind the table's newest row, if all of them are here. Those before
    /// are forgotten: they have their leaves.
    pub fn stretch(&mut self, first: u64, end: u64) -> Option<Vec<LeafRow>> {
        while self.rows.front().is_some_and(|row| row.row_seq < first) {
            self.rows.pop_front();
        }
        let begins = self.rows.front().map(|row| row.row_seq);
        (begins == Some(first) && self.end() == Some(end)).then(|| self.rows.iter().cloned().collect())
    }
}
