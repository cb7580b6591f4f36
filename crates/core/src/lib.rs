//! The domain of vouchsafe: what an exchange, a claim and a verdict are. No I/O, no clock, no runtime.
//!
//! In the order of the data's way:
//! - `exchange`, `inflate`, `redact`, `prepare`: from what the recorder saw to what is stored;
//! - `row`, `commitment`, `tag`, `hash`: what the log commits to;
//! - `query`: which rows answer a claim;
//! - `intercept`: the same as a row of a Postgres table;
//! - `endpoint`: which URLs a pattern trusts;
//! - `response_hash`: a column for another SDK;
//! - `claim`, `path`, `schema`, `expectation`: what is claimed, and what the evaluator accepts as evidence;
//! - `plain_json`, `body`, `reading`, `decimal`, `equality`, `comparison`: what the evidence says, against what is claimed;
//! - `judge`, `message`, `verdict`, `timestamp`: the verdict and its words;
//! - `view`: what a claim looks at, for people;
//! - `wire_claim`: claims as other SDKs write them.

pub mod body;
pub mod claim;
pub mod commitment;
pub mod comparison;
pub mod decimal;
pub mod endpoint;
mod equality;
pub mod exchange;
pub mod expectation;
pub mod hash;
mod inflate;
pub mod intercept;
mod json_text;
pub mod judge;
mod message;
pub mod path;
pub mod plain_json;
pub mod prepare;
pub mod query;
mod random;
mod reading;
pub mod redact;
pub mod response_hash;
pub mod row;
pub mod schema;
mod strict;
pub mod tag;
pub mod timestamp;
pub mod verdict;
pub mod view;
pub mod wire_claim;
mod words;
