//! The protocol over HTTP: a backend that anyone can run.
//!
//! - `options`, `error`: what a server is started with, and why it could not start
//! - `server`: starting and ending one
//! - `listen`: connections and how long they may take
//! - `progress`: a connection whose other end has to read
//! - `gate`: what every request goes through
//! - `limits`, `auth`: how much, and who
//! - `routes`: the endpoints
//! - `table`: the registered tables, each with its log
//! - `state`: what is remembered besides the logs
//! - `destination`: where a database may be
//! - `app`: what every route works with
//! - `clock`: the time, which tests move
//! - `ids`, `body`, `wait`: what requests are made of
//! - `refusal`: answers that say no
//! - `log`, `metrics`, `private`: for the operator

mod app;
mod auth;
mod body;
mod clock;
mod destination;
mod error;
mod gate;
mod ids;
mod limits;
mod listen;
mod log;
mod metrics;
mod options;
mod private;
mod progress;
mod refusal;
mod routes;
mod server;
mod state;
mod table;
mod wait;

pub use error::ServeError;
pub use options::{LogSink, ServeOptions};
pub use server::{Server, serve};
