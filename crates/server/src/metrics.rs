//! What Prometheus reads: names, numbers and routes, never a path or a key.

use std::{sync::atomic::AtomicI64, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// What requests are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    method: String,
    route: String,
    status: u16,
}

/// The server's counters.
pub struct Metrics {
    registry: Registry,
    requests: Family<Of, Counter>,
    latency: Histogram,
    pub in_flight: Gauge<i64, AtomicI64>,
    pub commits: Counter,
    pub rows: Counter,
    pub queries: Counter,
}

impl Metrics {
    pub fn new() -> Self {
        let bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0];
        let mut metrics = Self {
            registry: Registry::with_prefix("vouchsafe"),
            requests: Family::default(),
            latency: Histogram::new(bounds),
            in_flight: Gauge::default(),
            commits: Counter::default(),
            rows: Counter::default(),
            queries: Counter::default(),
        };
        let of = &mut metrics.registry;
        of.register("requests", "Requests by route and status", metrics.requests.clone());
        of.register("request_duration_seconds", "From a request's head to its answer", metrics.latency.clone());
        of.register("requests_in_flight", "Requests being answered", metrics.in_flight.clone());
        of.register("commits", "Checkpoints that were signed", metrics.commits.clone());
        of.register("rows_committed", "Rows that checkpoints were signed over", metrics.rows.clone());
        of.register("queries", "Query records that were made", metrics.queries.clone());
        metrics
    }

    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let of = Of { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&of).inc();
        self.latency.observe(took.as_secs_f64());
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("writing to a text");
        text
    }
}
