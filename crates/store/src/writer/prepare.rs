//! The preparing thread: inflating, redaction and commitments, beside the thread that waits for the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};

use vouchsafe_core::{
    exchange::{Exchange, Prepared},
    prepare::prepare,
};

use super::{
    Shared,
    group::{Ready, Row, bytes},
    inbox,
};

/// Small enough that the writer gets its first rows soon, large enough that the locks do not count.
const SLICE: usize = 256;
/// Inflated bodies may be large, so that a slice is handed on early.
const SLICE_BYTES: u64 = 1 << 20;

pub(super) fn run(shared: &Shared) {
    while let Some(accepted) = shared.inbox.take(SLICE) {
        let mut ready = Ready::default();
        let mut size = 0;
        for one in accepted {
            let row = row(one.exchange, shared);
            let weight = bytes(&row);
            shared.inbox.reweigh(one.weight, weight);
            size += weight;
            ready.rows.push(Row { prepared: row, weight });
            ready.last_ticket = one.ticket;
            if size >= SLICE_BYTES {
                size = 0;
                if !shared.outbox.put(std::mem::take(&mut ready)) {
                    return;
                }
            }
        }
        if !ready.rows.is_empty() && !shared.outbox.put(ready) {
            return;
        }
    }
    shared.outbox.end_of_input();
}

/// What a body holds is the network's choice; a fault in reading it costs that row, not the recorder. A gap row takes
/// its place, so that a fence that covers the exchange's ticket covers the gap.
fn row(exchange: Exchange, shared: &Shared) -> Prepared {
    let (since_us, until_us) = (exchange.started_us, exchange.ended_us);
    let prepare = |exchange| prepare(exchange, &shared.options.rules, shared.options.max_body_bytes);
    catch_unwind(AssertUnwindSafe(|| prepare(exchange))).unwrap_or_else(|_| {
        shared.inbox.count_dropped(1);
        prepare(inbox::gap(1, since_us, until_us))
    })
}
