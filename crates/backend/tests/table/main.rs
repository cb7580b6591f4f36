//! The table backend on a real Postgres, its ledger in a folder and in a Postgres.
//!
//! - `setup`: a table, its ledger, and a client that may write to it what it likes
//! - `commits`: which rows get a leaf, when, and how often
//! - `refused`: rows that can be no leaf
//! - `hostile`: what is said of rows that were edited, deleted or back-dated
//! - `hints`: forged and lost hints
//! - `owners`: several logs over one table, and logs that are older than its hints
//! - `busy`: commits while others write or hold locks, and answers of any size
//! - `asks`: questions over all runs
//! - `process`: the backend of an agent's own process
//! - `away`: Postgres is away for a while
//! - `several`: several processes on one log

mod asks;
mod away;
mod busy;
mod commits;
mod hints;
mod hostile;
mod owners;
mod process;
mod refused;
mod setup;
mod several;
