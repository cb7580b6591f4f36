//! The remote backend against a scripted HTTP server on a real socket.
//!
//! - `stub`: a server that speaks the protocol, and fails as it is told to
//! - `setup`: clients of it, with a token source and an outbox
//! - `handshake`, `rounds`: the requests, in number and order
//! - `failing`: rate limits, errors, resets, hangs, and nobody there
//! - `answers`: what comes back, told or proven

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod failing;
mod handshake;
mod rounds;
mod setup;
mod stub;
