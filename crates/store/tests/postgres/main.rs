//! The store in Postgres, against a real one; without PostgreSQL on the machine each test says so and is skipped.

mod connecting;
mod hostile;
mod ledger;
mod outage;
mod rows;
mod schema;
mod setup;
mod silence;
mod tls;
