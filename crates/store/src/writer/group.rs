//! What goes through the outbox: prepared rows, the slices they come in, and the groups they are written in.

use std::collections::VecDeque;

use vouchsafe_core::exchange::Prepared;

use crate::sqlite::{Shipped, Trace};

/// The largest group.
const ROWS: usize = 1_000;
pub(super) const BYTES: u64 = 4 << 20;

/// A prepared row with its [`bytes`].
pub(super) struct Row {
    pub prepared: Prepared,
    pub weight: u64,
}

/// Rows that came out of one slice of the inbox.
#[derive(Default)]
pub(super) struct Ready {
    pub rows: Vec<Row>,
    pub last_ticket: u64,
}

/// What goes into one transaction. It is kept whole until it is on disk.
#[derive(Default)]
pub(super) struct Group {
    pub rows: Vec<Prepared>,
    pub weight: u64,
    pub last_ticket: u64,
    pub traces: Vec<Trace>,
    pub shipped: Option<Shipped>,
}

impl Group {
    /// Takes slices until the group is full or nothing is left, and returns what they weighed.
    pub fn fill(&mut self, slices: &mut VecDeque<Ready>) -> u64 {
        let before = self.weight;
        while let Some(slice) = slices.pop_front_if(|slice| self.has_room_for(slice)) {
            self.last_ticket = slice.last_ticket;
            self.weight += slice.rows.iter().map(|row| row.weight).sum::<u64>();
            self.rows.extend(slice.rows.into_iter().map(|row| row.prepared));
        }
        self.weight - before
    }

    fn has_room_for(&self, slice: &Ready) -> bool {
        self.rows.is_empty() || (self.rows.len() + slice.rows.len() <= ROWS && self.weight < BYTES)
    }
}

/// What a prepared row weighs in memory.
pub(super) fn bytes(prepared: &Prepared) -> u64 {
    let fields = &prepared.fields;
    let one = |field: &Option<Vec<u8>>| field.as_ref().map_or(0, Vec::len) as u64;
    let tags = prepared.row.redacted.iter().map(String::len).sum::<usize>() as u64;
    tags + one(&fields.url)
        + one(&fields.request)
        + one(&fields.response)
        + one(&fields.request_headers)
        + one(&fields.response_headers)
}
