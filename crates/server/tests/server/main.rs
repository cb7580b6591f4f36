//! The server over HTTP, with a real `PostgreSQL` behind it.

mod agent;
mod clients;
mod handshake;
mod keys;
mod limits;
mod passing;
mod preprocess;
mod queries;
mod replicas;
mod restart;
mod secrets;
mod support;
mod tampering;
mod tenants;
